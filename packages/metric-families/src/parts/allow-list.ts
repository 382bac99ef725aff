import { kubernetesLabels } from "@kube-state-mosaic/exposition";

type StringMap = ReadonlyMap<string, string>;
interface Labelled {
  readonly metadata: { readonly labels: StringMap };
}
interface Annotated {
  readonly metadata: { readonly annotations: StringMap };
}
interface Part<T> {
  readonly value: (object: T) => number | undefined;
  readonly dynamicLabels: (object: T) => readonly (readonly [string, string])[];
}

/** The allow-listed labels of an object as metric labels: one sample per object, none at all for an empty list. */
export function labels(allowList: readonly string[]): Part<Labelled> {
  return allowListed("label", allowList, (object) => object.metadata.labels);
}

/** The allow-listed annotations of an object, likewise. */
export function annotations(allowList: readonly string[]): Part<Annotated> {
  return allowListed("annotation", allowList, (object) => object.metadata.annotations);
}

function allowListed<T>(
  prefix: string,
  allowList: readonly string[],
  mapOf: (object: T) => StringMap,
): Part<T> {
  const select = selector(allowList);
  const value = allowList.length === 0 ? undefined : 1;
  return {
    value: () => value,
    dynamicLabels: (object) => kubernetesLabels(prefix, select(mapOf(object))),
  };
}

/**
 * The entries of a map that an allow list selects: `*` as the first item takes all, anywhere else it is ignored; an item with one
 * `*` among other characters is a prefix and a suffix; one with more selects nothing.
 */
export function selector(
  allowList: readonly string[],
): (map: StringMap) => Iterable<readonly [string, string]> {
  if (allowList[0] === "*") return (map) => map;
  const exact = new Set<string>();
  const patterns: { readonly prefix: string; readonly suffix: string }[] = [];
  for (const item of allowList) {
    const [prefix = "", suffix, ...more] = item.split("*");
    if (suffix === undefined) exact.add(item);
    else if (more.length === 0 && item !== "*") patterns.push({ prefix, suffix });
  }
  const matches = (key: string): boolean =>
    exact.has(key) ||
    patterns.some(
      ({ prefix, suffix }) =>
        key.length >= prefix.length + suffix.length &&
        key.startsWith(prefix) &&
        key.endsWith(suffix),
    );
  return (map) => [...map].filter(([key]) => matches(key));
}
