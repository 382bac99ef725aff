// From argv, environment and config file to Options.
export { parseOptions, resourceModulesOf } from "./parse-options.ts";
export type { Options, ParsedOptions, ParseOptionsInput } from "./parse-options.ts";
export type { RunCommand } from "./commands.ts";
export type { AllowMap } from "./flags/row.ts";

// What follows from single options.
export { allowListFor } from "./allow-map.ts";
export { heapLimitFromCgroup } from "./heap-limit.ts";
export type { MetricFilter } from "./metric-filter.ts";

// For the documentation.
export { flagsMarkdown } from "./markdown.ts";
