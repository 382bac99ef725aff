import {
  createApp,
  healthRoutes,
  landingRoute,
  metricsRoute,
  type App,
  type LandingPage,
  type MetricsRouteOptions,
} from "@kube-state-mosaic/server";
import type { Coordinator } from "./coordinator.ts";

export interface CoordinatorAppOptions extends Omit<MetricsRouteOptions, "source"> {
  readonly coordinator: Coordinator;
  readonly page: Omit<LandingPage, "links">;
}

/** The application of the coordinator's metrics port. */
export function coordinatorApp({ coordinator, page, ...options }: CoordinatorAppOptions): App {
  const app = createApp(options.logger);
  const links = [
    { path: "/metrics", text: "Metrics of all shards" },
    { path: "/healthz", text: "Healthz" },
    { path: "/livez", text: "Livez" },
  ];
  landingRoute(app, { ...page, links });
  healthRoutes(app);
  app.all(
    "/metrics",
    metricsRoute({ ...options, source: (request) => coordinator.scrape(request) }),
  );
  return app;
}
