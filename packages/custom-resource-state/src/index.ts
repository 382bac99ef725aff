// Text to configuration
export {
  readConfiguration,
  type Configuration,
  type ConfigurationSource,
  type ConfiguredResource,
} from "./configuration.ts";

// What it means in a cluster
export { readDefinition, type Definition } from "./definition.ts";
export { resolve, type Match, type Resolution } from "./resolve.ts";

// Configuration to metrics
export {
  customResource,
  customResourceName,
  type CustomKind,
  type ValueError,
} from "./custom-resource.ts";
