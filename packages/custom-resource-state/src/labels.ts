import { compareBytes, sanitizeLabelName } from "@kube-state-mosaic/exposition";
import { isMapping, isNothing, type Found } from "./json-value.ts";
import { labelText } from "./label-text.ts";
import type { Path } from "./path.ts";

/** Label values by name. */
export type Labels = Map<string, string>;

/** What can stand before the `=` of a label without making the exposition unreadable. */
const validName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function isLabelName(name: string): boolean {
  return validName.test(name);
}

/** A `labelsFromPath` key that copies a whole mapping, and the prefix it gives the copied keys. */
export function starPrefix(key: string): string | undefined {
  if (key.endsWith("*")) return key.slice(0, key.lastIndexOf("*"));
  return key.startsWith("*") ? "" : undefined;
}

/** Adds the labels that a value gives; a later one replaces an earlier one of the same name. */
export type AddLabels = (labels: Labels, value: Found) => void;

/** Compiles a `labelsFromPath` map: copied mappings first, then single labels, each in byte order of the keys. */
export function labelsFromPaths(paths: ReadonlyMap<string, Path>): AddLabels {
  const sorted = [...paths].sort(([left], [right]) => compareBytes(left, right));
  const copies = sorted.flatMap(([key, path]) => {
    const prefix = starPrefix(key);
    return prefix === undefined ? [] : [{ prefix, path }];
  });
  const singles = sorted
    .filter(([key]) => starPrefix(key) === undefined)
    .map(([key, path]) => ({ name: sanitizeLabelName(key), path }));
  return (labels, value) => {
    for (const { prefix, path } of copies) copy(labels, prefix, path.of(value));
    for (const { name, path } of singles) {
      const found = path.of(value);
      if (!isNothing(found)) labels.set(name, labelText(found));
    }
  };
}

function copy(labels: Labels, prefix: string, from: Found): void {
  if (!isMapping(from)) return;
  for (const key of Object.keys(from).sort(compareBytes)) {
    const name = sanitizeLabelName(prefix + key);
    // Keys of the object are nobody's fault: one that begins with a digit would make the whole exposition unreadable.
    labels.set(isLabelName(name) ? name : `_${name}`, labelText(from[key] ?? null));
  }
}

/** The pairs in byte order of their names. */
export function sortedPairs(labels: ReadonlyMap<string, string>): [string, string][] {
  if (labels.size < 2) return [...labels];
  return [...labels].sort(([left], [right]) => compareBytes(left, right));
}
