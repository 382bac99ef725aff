// The language tables are written in.
export {
  familiesOf,
  family,
  identityText,
  oneOf,
  type Families,
  type Family,
  type FamilyType,
  type Label,
  type OneOf,
  type Samples,
  type Stability,
  type Value,
} from "./family.ts";
export { type FamilyConfig, type Resource } from "./resource.ts";
export { renderer, type Renderer } from "./renderer.ts";

// The built-in tables.
export { resources } from "./resources/index.ts";

// What other tables share with them.
export { annotations, labels } from "./parts/allow-list.ts";
export { conditions } from "./parts/conditions.ts";
export { created, deletionTimestamp, generation, resourceVersion } from "./parts/metadata.ts";
export { owners } from "./parts/owners.ts";
export { approximate } from "./approximate-quantity.ts";
export { parseGoFloat } from "./go-float.ts";
export { milliPrecise, whole } from "./quantity.ts";
