import type { Message } from "@kube-state-mosaic/wire";
import type { Family } from "./family.ts";

/** The allow lists of one resource: items as the flags give them. Empty: the labels or annotations family has no sample. */
export interface FamilyConfig {
  readonly labelsAllowList: readonly string[];
  readonly annotationsAllowList: readonly string[];
}

/** A Kubernetes resource: where it is read, how it is decoded, and the families made of its objects. */
export interface Resource<T> {
  /** Plural name, as in URLs, flags and the order of the exposition. */
  readonly name: string;
  readonly kind: string;
  /** `""` for the core group. */
  readonly group: string;
  readonly version: string;
  /** Cluster-wide list path, `/api/v1/pods`. */
  readonly path: string;
  readonly namespaced: boolean;
  readonly enabledByDefault: boolean;
  /** How much of each object has to be requested: all of it, its metadata, or the printed columns with the metadata. */
  readonly reads: "full" | "metadata" | "table";
  /** What an object decodes with. */
  readonly schema: Message<T>;
  /** The labels that begin every sample of the resource, in order. */
  readonly identity: Readonly<Record<string, (object: T) => string>>;
  /** The families in exposition order. */
  readonly families: (config: FamilyConfig) => readonly Family<T>[];
}
