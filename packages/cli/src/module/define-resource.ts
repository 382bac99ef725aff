import type { Family, FamilyConfig, Resource } from "@kube-state-mosaic/metric-families";
import type { Message } from "@kube-state-mosaic/wire";
import type { ReportInvalid } from "./amount.ts";

/** What the families of a resource are made with. */
export interface ResourceContext extends FamilyConfig {
  /** Counts and logs a value that cannot be read, with the object it is of. */
  readonly invalid: ReportInvalid;
}

/** A resource as a module writes it. */
export interface ResourceDefinition<T> {
  /** API group; `""` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As in the URL: `users`. */
  readonly plural: string;
  /** What `--resources` calls it; the plural when absent. Needed only where two tables read one plural. */
  readonly name?: string;
  readonly namespaced: boolean;
  /** Whether it is exposed without being named; true when absent. */
  readonly enabledByDefault?: boolean;
  /** What is decoded of an object. With `metadata` alone, nothing else of it is requested. */
  readonly schema: Message<T>;
  /** The labels that begin every sample, in order. */
  readonly identity: Readonly<Record<string, (object: T) => string>>;
  /** The families in exposition order; called once at start. */
  readonly families: (context: ResourceContext) => readonly Family<T>[];
}

/** A resource that can be exposed once it is told where to report invalid values. */
export interface DefinedResource<T> extends Omit<Resource<T>, "families"> {
  readonly plural: string;
  readonly families: (context: ResourceContext) => readonly Family<T>[];
}

/** Declares a resource. A module exposes all that it exports, under any name. */
export function defineResource<T>(definition: ResourceDefinition<T>): DefinedResource<T> {
  const { group, version, plural, schema } = definition;
  const root = group === "" ? "/api" : `/apis/${group}`;
  return Object.freeze({
    ...definition,
    name: definition.name ?? plural,
    path: `${root}/${version}/${plural}`,
    enabledByDefault: definition.enabledByDefault ?? true,
    reads: Object.keys(schema.fields).join() === "metadata" ? "metadata" : "full",
  });
}

/** The resource as the rest of the program knows resources. */
export function withReport<T>(resource: DefinedResource<T>, invalid: ReportInvalid): Resource<T> {
  return { ...resource, families: (config) => resource.families({ ...config, invalid }) };
}
