import { messageOf } from "@kube-state-mosaic/errors";
import { negotiateTextOnly, prefersGzip } from "@kube-state-mosaic/exposition";
import type { Logger, Telemetry } from "@kube-state-mosaic/telemetry";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { createApp, type App } from "./app.ts";
import { readinessRoute, type Readiness } from "./health.ts";
import { profilingRoutes } from "./profiling-routes.ts";
import { landingRoute, type LandingPage } from "./landing-page.ts";

export interface TelemetryAppOptions {
  readonly telemetry: Telemetry;
  readonly readiness: () => Readiness;
  readonly page: LandingPage;
  readonly logger?: Logger;
}

const compress = promisify(gzip);

/** The application of the telemetry port: `/metrics` about the exporter itself (text only, `name[]` selects families), `/readyz`, `/`, and profiles. */
export function telemetryApp({ telemetry, readiness, page, logger }: TelemetryAppOptions): App {
  const app = createApp(logger);
  landingRoute(app, page);
  readinessRoute(app, readiness);
  profilingRoutes(app);
  app.all("/metrics", async (context) => {
    const names = new URL(context.req.url).searchParams.getAll("name[]");
    let text: string;
    try {
      text = await telemetry.text(names.length > 0 ? new Set(names) : undefined);
    } catch (error) {
      logger?.error("The self metrics could not be gathered; the scrape fails.", {
        error: messageOf(error),
      });
      return context.body(`The self metrics could not be gathered: ${messageOf(error)}\n`, 500, {
        "Content-Type": "text/plain; charset=utf-8",
      });
    }
    const headers = { "Content-Type": negotiateTextOnly(context.req.header("accept")) };
    if (!prefersGzip(context.req.header("accept-encoding")))
      return context.body(text, 200, headers);
    return context.body(await compress(text), 200, { ...headers, "Content-Encoding": "gzip" });
  });
  return app;
}
