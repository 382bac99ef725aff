/** Which resources a scrape asks for by its query parameters. */
export interface ResourceFilter {
  /** Undefined: all; empty: none. */
  readonly resources: ReadonlySet<string> | undefined;
  /** Wins over `resources`. */
  readonly excludeResources: ReadonlySet<string>;
}

/**
 * Reads `resources` and `exclude_resources`: repeatable, comma-separated, blanks trimmed, empty items dropped. `resources`
 * that is present without any item selects nothing.
 */
export function resourceFilter(query: URLSearchParams): ResourceFilter {
  return {
    resources: query.has("resources") ? itemsOf(query, "resources") : undefined,
    excludeResources: itemsOf(query, "exclude_resources"),
  };
}

/** Whether a resource is part of the answer. */
export function selects(filter: ResourceFilter, resource: string): boolean {
  return (filter.resources?.has(resource) ?? true) && !filter.excludeResources.has(resource);
}

function itemsOf(query: URLSearchParams, name: string): Set<string> {
  const items = query.getAll(name).flatMap((value) => value.split(","));
  return new Set(items.map((item) => item.trim()).filter((item) => item !== ""));
}
