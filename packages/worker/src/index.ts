export { Worker, type WorkerContext, type WorkerSettings } from "./worker.ts";
export { workerApp, type WorkerAppOptions } from "./worker-app.ts";
