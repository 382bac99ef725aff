import {
  createApp,
  healthRoutes,
  metricsRoute,
  type App,
  type MetricsRouteOptions,
} from "@kube-state-mosaic/server";
import type { Coordinator } from "./coordinator.ts";
import { exposition } from "./exposition.ts";
import { parsePart } from "./part.ts";
import { partTargets, workerTargets } from "./service-discovery.ts";
import { statusOf } from "./status.ts";
import { statusPage } from "./status-page.ts";

export interface CoordinatorAppOptions extends Omit<MetricsRouteOptions, "source"> {
  readonly coordinator: Coordinator;
  /** Whether an answer tells about itself: `kube_state_mosaic_*`. Default true. */
  readonly selfSamples?: boolean;
  readonly page: { readonly title: string; readonly version: string };
}

const mostParts = 1_000;

/** The application of the coordinator's metrics port: `/metrics`, `/sd`, `/status` (JSON) and the page at `/` that shows it. */
export function coordinatorApp({
  coordinator,
  page,
  selfSamples = true,
  ...options
}: CoordinatorAppOptions): App {
  const app = createApp(options.logger);
  const html = statusPage(page);
  app.all("/", (context) => context.html(html));
  healthRoutes(app);
  app.all("/metrics", async (context) => {
    const wanted = context.req.query("part");
    const part = wanted === undefined ? undefined : parsePart(wanted);
    if (wanted !== undefined && part === undefined)
      return context.text(`part=${wanted} is not i/n with i from 1 to n\n`, 400);
    const seconds = Number(context.req.header("X-Prometheus-Scrape-Timeout-Seconds"));
    const limit = seconds > 0 ? seconds : undefined;
    return metricsRoute({
      ...options,
      source: async (request) =>
        exposition(await coordinator.cycle(limit), request, { selfSamples, part }),
    })(context);
  });
  app.get("/sd", async (context) => {
    const wanted = context.req.query("parts");
    if (wanted !== undefined) {
      const parts = /^[1-9]\d{0,3}$/.test(wanted) ? Number(wanted) : 0;
      if (parts < 1 || parts > mostParts)
        return context.text(`parts=${wanted} is not a number from 1 to ${mostParts}\n`, 400);
      const { host, protocol } = new URL(context.req.url);
      return context.json(partTargets(parts, { host, scheme: protocol.slice(0, -1) }));
    }
    const targets = workerTargets(await coordinator.cycle());
    if (targets === undefined) return context.text("the workers are not known yet\n", 503);
    return context.json(targets);
  });
  app.get("/status", async (context) => {
    context.header("Cache-Control", "no-store");
    return context.json(await statusOf(coordinator.last, coordinator.workforce, Date.now()));
  });
  return app;
}
