/**
 * What modules of `--resource-module` import, as `kube-state-mosaic/module`: the table language of the built-in resources, the parts
 * they share, and schemas by JSON field.
 */

// A resource, and a way to test it
export {
  defineResource,
  type DefinedResource,
  type ResourceContext,
  type ResourceDefinition,
} from "./module/define-resource.ts";
export { renderObject, type RenderObjectOptions } from "./module/render-object.ts";

// Tables
export {
  familiesOf,
  oneOf,
  type Family,
  type Label,
  type OneOf,
  type Samples,
  type Value,
} from "@kube-state-mosaic/metric-families";

// What many tables share
export {
  annotations,
  conditions,
  created,
  deletionTimestamp,
  generation,
  labels,
  owners,
  resourceVersion,
} from "@kube-state-mosaic/metric-families";
export { amountOrZero, type InvalidValue, type ReportInvalid } from "./module/amount.ts";
export { milliPrecise as cores, whole as bytes } from "@kube-state-mosaic/metric-families";

// Schemas
export {
  jsonField as field,
  jsonMessage as message,
  objectMeta,
  type ObjectMeta,
  type OwnerReference,
} from "@kube-state-mosaic/wire";
