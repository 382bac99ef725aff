// Answering
export {
  Coordinator,
  type CoordinatorClock,
  type CoordinatorSettings,
  type MissingShardPolicy,
} from "./coordinator.ts";
export { coordinatorApp, type CoordinatorAppOptions } from "./coordinator-app.ts";
export type { WorkerAccess } from "./worker-access.ts";

export type { Proof } from "./completeness.ts";

// Finding workers
export { registeredWorkers } from "./registered-workers.ts";
export { listedWorkers, type WorkerSource } from "./worker-source.ts";

// What it tells about itself
export { coordinatorTelemetry } from "./coordinator-telemetry.ts";
