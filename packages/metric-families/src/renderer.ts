import { identityText, type Family } from "./family.ts";
import type { FamilyConfig, Resource } from "./resource.ts";

/** The families of a resource that take part, and the function that renders one object. */
export interface Renderer<T> {
  readonly families: readonly Family<T>[];
  /** One text per family, in their order; `""` where the object has no sample. */
  readonly render: (object: T) => string[];
}

/** Makes the renderer of a resource; families that `filter` refuses contribute neither header nor samples. */
export function renderer<T>(
  resource: Resource<T>,
  config: FamilyConfig,
  filter: (family: Family<never>) => boolean,
): Renderer<T> {
  const families = resource.families(config).filter(filter);
  const identityOf = identityText(resource.identity);
  return {
    families,
    render(object) {
      const identity = identityOf(object);
      const texts: string[] = [];
      for (const family of families) texts.push(family.render(object, identity));
      return texts;
    },
  };
}
