import type { Options } from "@kube-state-mosaic/options";
import {
  headerTimeoutOnly,
  listen,
  type App,
  type Listener,
  type ListenOptions,
} from "@kube-state-mosaic/server";

/** Serves a process's own metrics and readiness where `--telemetry-host` and `--telemetry-port` say. Throws as `listen` does, naming these flags. */
export function listenTelemetry(
  app: App,
  { telemetryHost: host, telemetryPort: port }: Options,
  shared: Pick<ListenOptions, "security" | "logger">,
): Promise<Listener> {
  const flags = { hostFlag: "--telemetry-host", portFlag: "--telemetry-port" };
  return listen({ ...shared, app, host, port, flags, timeouts: headerTimeoutOnly });
}
