import { compareBytes } from "./byte-order.ts";

/** A label name from any text: one underscore for each code point outside `[a-zA-Z0-9_]`, case kept. */
export function sanitizeLabelName(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/gu, "_");
}

/**
 * The Prometheus labels of Kubernetes labels or annotations: names prefixed and in snake case, in byte order of the original
 * keys. Keys that meet in one name get `_conflict1`, `_conflict2`, … Values are passed through unescaped.
 */
export function kubernetesLabels(
  prefix: string,
  entries: Iterable<readonly [key: string, value: string]>,
): [name: string, value: string][] {
  const names = namesOf(prefix);
  const labels: [string, string][] = [];
  const used = new Map<string, [string, string]>();
  let conflicts: ConflictCounters | undefined;
  for (const [key, value] of inByteOrder(entries)) {
    const base = labelName(names, prefix, key);
    const label: [string, string] = [base, value];
    labels.push(label);
    if (used.has(base) || conflicts?.has(base)) {
      conflicts ??= new Map();
      resolveConflict(label, used, conflicts);
    } else used.set(base, label);
  }
  return labels;
}

/** The last suffix number handed out for a base name. */
type ConflictCounters = Map<string, number>;

/** The first collision of a base name renames the label that holds it as well: nobody keeps the bare name. */
function resolveConflict(
  label: [string, string],
  used: Map<string, [string, string]>,
  counters: ConflictCounters,
): void {
  const base = label[0];
  let count = counters.get(base) ?? 0;
  const rename = (which: [string, string]): void => {
    do which[0] = `${base}_conflict${++count}`;
    while (used.has(which[0]));
    used.set(which[0], which);
  };
  const holder = counters.has(base) ? undefined : used.get(base);
  if (holder !== undefined) {
    rename(holder);
    used.delete(base);
  }
  rename(label);
  counters.set(base, count);
}

function inByteOrder(
  entries: Iterable<readonly [string, string]>,
): readonly (readonly [string, string])[] {
  const list = [...entries];
  let previous: string | undefined;
  for (const [key] of list) {
    // The API server sends maps sorted, so sorting is the exception.
    if (previous !== undefined && compareBytes(previous, key) > 0)
      return list.sort((left, right) => compareBytes(left[0], right[0]));
    previous = key;
  }
  return list;
}

/** Keys repeat from object to object; the bound keeps keys that are made up per object from filling the memory. */
const maxCachedNames = 10_000;
const caches = new Map<string, Map<string, string>>();

function namesOf(prefix: string): Map<string, string> {
  let names = caches.get(prefix);
  if (names === undefined) caches.set(prefix, (names = new Map()));
  return names;
}

function labelName(names: Map<string, string>, prefix: string, key: string): string {
  let name = names.get(key);
  if (name === undefined) {
    name = `${prefix}_${snakeCase(sanitizeLabelName(key))}`;
    if (names.size >= maxCachedNames) names.clear();
    names.set(key, name);
  }
  return name;
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}
