// The API server and the way in
export { loadCluster, type LoadClusterOptions } from "./credentials.ts";
export type { Authentication, Cluster } from "./cluster.ts";

// Requests
export {
  ApiClient,
  type ApiClientOptions,
  type Query,
  type RequestMeasure,
  type SendOptions,
  type StreamRequest,
  type StreamResponse,
} from "./api-client.ts";
export { ApiError } from "./api-error.ts";

// List and watch
export { Reflector } from "./reflector.ts";
export type { ReflectorOptions } from "./reflector-options.ts";
export type {
  ReflectorObserver,
  ReflectorPhase,
  ReflectorState,
  RelistReason,
} from "./reflector-observer.ts";
export type { ReflectorSink } from "./reflector-sink.ts";
export type { Failure } from "./failure.ts";
export type { Probe } from "./paged-list.ts";
export type { Reads } from "./read-format.ts";
export { ListSlots } from "./list-slots.ts";
export { Slices } from "./slices.ts";
export { compareResourceVersions } from "./resource-version.ts";

// Time
export { systemClock, type Clock } from "./clock.ts";
