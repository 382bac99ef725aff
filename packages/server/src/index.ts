// Listening
export { listen, headerTimeoutOnly } from "./listen.ts";
export type { Listener, ListenOptions, Timeouts } from "./listen.ts";
export type { AddressFlags } from "./listen-error.ts";

// What stands in front of a server
export { secure, type Security, type SecurityOptions } from "./security.ts";
export type { ReloadMetrics } from "./web-config-file.ts";
export type { ReviewClient } from "./reviews.ts";

// Applications and routes
export { createApp, type App, type ServerEnv } from "./app.ts";
export { healthRoutes, readinessRoute, type Readiness } from "./health.ts";
export { landingRoute, type LandingPage } from "./landing-page.ts";
export { telemetryApp, type TelemetryAppOptions } from "./telemetry-app.ts";

// Scrapes
export {
  metricsRoute,
  type MetricsAnswer,
  type MetricsBody,
  type MetricsRequest,
  type MetricsRouteOptions,
} from "./metrics-route.ts";
export { selects, type ResourceFilter } from "./resource-filter.ts";
