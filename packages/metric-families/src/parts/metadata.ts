import { parseGoFloat } from "../go-float.ts";

/** What stands in for an unset time in the families that show one: the seconds of 0001-01-01T00:00:00Z, Go's zero time. */
export const zeroTime = -62_135_596_800;

interface Created {
  readonly metadata: { readonly creationTimestamp: number | undefined };
}
interface Deletable {
  readonly metadata: { readonly deletionTimestamp: number | undefined };
}
interface Generated {
  readonly metadata: { readonly generation: number };
}
interface Versioned {
  readonly metadata: { readonly resourceVersion: string };
}

/** Creation time in seconds; no sample when it is unset. */
export const created = {
  value: (object: Created): number | undefined => object.metadata.creationTimestamp,
};

/** Time the object was marked for deletion, in seconds; no sample for one that is not. */
export const deletionTimestamp = {
  value: (object: Deletable): number | undefined => object.metadata.deletionTimestamp,
};

/** Generation of the desired state, 0 when absent. */
export const generation = {
  value: (object: Generated): number => object.metadata.generation,
};

/** Resource version as a number; no sample when it is none. */
export const resourceVersion = {
  value: (object: Versioned): number | undefined => parseGoFloat(object.metadata.resourceVersion),
};
