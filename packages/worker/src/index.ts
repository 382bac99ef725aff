export { Worker, type ObjectReport, type WorkerContext, type WorkerSettings } from "./worker.ts";
export { workerApp, type WorkerAppOptions } from "./worker-app.ts";
export type { ExposureSettings } from "./exposure.ts";
export { fixedPlacement, type Placement } from "./placement.ts";
export { fixedView, type AnswerableView, type Views } from "./views.ts";
export { LayoutViews, type LayoutViewsOptions, type ViewClock } from "./layout-views.ts";
export { Share, type ShareChange } from "./share.ts";
export { CustomResources, type CustomResourcesOptions } from "./custom-resources.ts";
export { Autoshard, type AutoshardOptions, type ShardSource } from "./autoshard.ts";
