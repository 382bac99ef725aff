import { messageOf } from "@kube-state-mosaic/errors";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { secure, type Security } from "@kube-state-mosaic/server";
import type { Logger, ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import { build } from "./version.ts";

interface Surroundings {
  readonly logger: Logger;
  readonly reference: ReferenceMetrics;
  /** For the auth filter. */
  readonly client: ApiClient | undefined;
}

/** What stands in front of both servers, by `--tls-config` and `--auth-filter`. */
export function securityOf(
  options: Options,
  { logger, reference, client }: Surroundings,
): Promise<Security> {
  return secure({
    webConfigFile: options.tlsConfig,
    authFilter: options.authFilter ? { client } : undefined,
    logger,
    metrics: reference,
  });
}

/** For a process that needs the API server only to know who may scrape it: without one, nobody may, and the process goes on. */
export async function reviewClient(
  options: Options,
  logger: Logger,
): Promise<ApiClient | undefined> {
  if (!options.authFilter) return undefined;
  try {
    const cluster = await loadCluster({
      kubeconfig: options.kubeconfig,
      apiserver: options.apiserver,
      onWarning: (message) => logger.warn(message),
    });
    return new ApiClient({ cluster, version: build.version });
  } catch (error) {
    logger.error("the auth filter has no API server to ask: it lets nobody in", {
      error: messageOf(error),
    });
    return undefined;
  }
}
