export { Coordinator, type CoordinatorSettings, type WorkerState } from "./coordinator.ts";
export { coordinatorApp, type CoordinatorAppOptions } from "./coordinator-app.ts";
