import type { Family, FamilyConfig, Resource } from "@kube-state-mosaic/metric-families";
import { fieldSelectorFor, type ObjectSelection } from "./selectors.ts";

/** What decides which objects and families of a resource are exposed. */
export interface ExposureSettings extends ObjectSelection {
  /** What the allow lists give a resource. */
  readonly familyConfig: (resource: string) => FamilyConfig;
  readonly familyFilter: (family: Family<never>) => boolean;
  /** In order; empty: all. */
  readonly namespaces: readonly string[];
}

/** The namespaces a resource is watched in, each once; undefined is the whole cluster. */
export function scopesOf(
  { namespaced }: Pick<Resource<never>, "namespaced">,
  { namespaces }: Pick<ExposureSettings, "namespaces">,
): readonly (string | undefined)[] {
  return namespaced && namespaces.length > 0 ? [...new Set(namespaces)] : [undefined];
}

/** What settings mean for one resource: where it is equal, the same objects have the same samples. */
export function exposureOf(resource: Resource<never>, settings: ExposureSettings): string {
  const config = settings.familyConfig(resource.name);
  const families = resource.families(config).filter(settings.familyFilter);
  return JSON.stringify([
    families.map(({ name }) => name),
    config,
    scopesOf(resource, settings),
    fieldSelectorFor(resource, settings),
  ]);
}
