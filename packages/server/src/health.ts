import { text, type App } from "./app.ts";

/**
 * `/healthz` and `/livez`: 200 as long as the process can answer. Unlike the reference, liveness does not ask the API server:
 * its outage would restart every shard, and with that lose what they hold.
 */
export function healthRoutes(app: App): void {
  for (const path of ["/healthz", "/livez"]) app.all(path, (context) => text(context, 200, "OK"));
}

export interface Readiness {
  readonly ready: boolean;
  /** What is waited for, for example resource names; shown to whoever asks. */
  readonly waiting: readonly string[];
}

/** `/readyz`: 200, or 503 naming what is waited for. */
export function readinessRoute(app: App, readiness: () => Readiness): void {
  app.all("/readyz", (context) => {
    const { ready, waiting } = readiness();
    if (ready) return text(context, 200, "OK");
    const reason = waiting.length > 0 ? `: waiting for ${waiting.join(", ")}` : "";
    return text(context, 503, `Service Unavailable${reason}`);
  });
}
