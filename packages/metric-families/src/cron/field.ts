/** The values a field of a schedule may have, and the names some of them can be written as. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  /** Three letters each; the first is that of `low`. */
  readonly names?: readonly string[];
}

interface Range {
  readonly first: number;
  /** Below `first` where the range wraps around. */
  readonly last: number;
}

/** The set of values of a field, a list of items; empty items are skipped, so it may be empty. `undefined` for an invalid field. */
export function parseField(text: string, bounds: Bounds): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    if (item === "") continue;
    const found = parseItem(item, bounds);
    if (found === undefined) return undefined;
    for (const value of found) values.add(value);
  }
  return values;
}

function parseItem(item: string, bounds: Bounds): readonly number[] | undefined {
  const [rangeText = "", stepText, ...more] = item.split("/");
  const range = parseRange(rangeText, stepText !== undefined, bounds);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (range === undefined || step === undefined || more.length > 0) return undefined;
  const { first, last } = range;
  if (first < bounds.low || last > bounds.high || step === 0) return undefined;
  const modulus = bounds.high - bounds.low + 1;
  const end = first > last ? last + modulus : last;
  // A step that reaches beyond its own range is taken for a mistake.
  if (step > 1 && step >= end - first + 1) return undefined;
  const values: number[] = [];
  for (let value = first; value <= end; value += step)
    values.push(value > bounds.high ? bounds.low + ((value - bounds.low) % modulus) : value);
  return values;
}

function parseRange(text: string, stepped: boolean, bounds: Bounds): Range | undefined {
  const [firstText = "", lastText, ...more] = text.split("-");
  // Whatever follows a wildcard is ignored: `*-5` is `*`.
  if (firstText === "*" || firstText === "?") return { first: bounds.low, last: bounds.high };
  const first = parseValue(firstText, bounds);
  if (first === undefined || more.length > 0) return undefined;
  if (lastText === undefined) return { first, last: stepped ? bounds.high : first };
  const last = parseValue(lastText, bounds);
  return last === undefined ? undefined : { first, last };
}

function parseValue(text: string, { low, names = [] }: Bounds): number | undefined {
  const index = names.indexOf(text.toLowerCase());
  return index >= 0 ? low + index : parseNumber(text);
}

function parseNumber(text: string): number | undefined {
  return /^\+?\d+$/.test(text) ? Number(text) : undefined;
}
