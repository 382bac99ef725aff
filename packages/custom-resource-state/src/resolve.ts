import type { Configuration, ConfiguredResource } from "./configuration.ts";
import { customResourceName, type CustomKind } from "./custom-resource.ts";

/** A configured resource and a kind of the cluster that it names. */
export interface Match {
  readonly configured: ConfiguredResource;
  readonly kind: CustomKind;
}

export interface Resolution {
  /** By the name on the exposition; of several items that name one kind the last counts, as in the reference. */
  readonly matches: ReadonlyMap<string, Match>;
  /** Items that name nothing the cluster has, yet. */
  readonly unmatched: readonly ConfiguredResource[];
  /** Items of no effect on a kind because a later one names it as well. */
  readonly shadowed: readonly Match[];
}

/** What the configured resources mean in a cluster with these kinds. Depends on its arguments alone. */
export function resolve(configuration: Configuration, kinds: readonly CustomKind[]): Resolution {
  const matches = new Map<string, Match>();
  const unmatched: ConfiguredResource[] = [];
  const shadowed: Match[] = [];
  for (const configured of configuration.resources) {
    const found = kinds.filter((kind) => names(configured, kind));
    if (found.length === 0) unmatched.push(configured);
    for (const kind of found) {
      const name = customResourceName(kind);
      const earlier = matches.get(name);
      if (earlier !== undefined) shadowed.push(earlier);
      matches.set(name, { configured, kind });
    }
  }
  return { matches, unmatched, shadowed };
}

function names({ group, version, kind }: ConfiguredResource, known: CustomKind): boolean {
  return (
    group === known.group &&
    (version === "*" || version === known.version) &&
    (kind === "*" || kind === known.kind)
  );
}
