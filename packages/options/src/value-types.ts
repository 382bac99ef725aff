import { allowMapOf, parseAllowMap } from "./allow-map.ts";
import type { FileValue } from "./config-file.ts";
import type { FlagRow, TypeName, ValueByType } from "./flags/row.ts";
import { Invalid } from "./invalid.ts";
import { parseBytes, parseDuration, parseFloatingPoint, parseInteger } from "./numbers.ts";

/** How values of one type are read and shown. */
export interface ValueType<T> {
  /** Stands for the value in the help. */
  readonly placeholder: string;
  parse(text: string, row: FlagRow): T | Invalid;
  /** Reads a value of the config file that is not plain text; `undefined` leaves the flag as it is. */
  parseFile?(value: FileValue): T | Invalid | undefined;
  /** What a repeated flag amounts to; without it the last one counts. */
  combine?(earlier: T, later: T): T;
}

const integer = (min: bigint, max: bigint): ValueType<number> => ({
  placeholder: "N",
  parse: (text, row) => parseInteger(text, BigInt(row.min ?? min), BigInt(row.max ?? max)),
});
const signed64 = integer(-(2n ** 63n), 2n ** 63n - 1n);

const text = (placeholder: string): ValueType<string> => ({ placeholder, parse: (value) => value });

const list = (
  placeholder: string,
  check: (item: string) => Invalid | undefined = () => undefined,
): ValueType<readonly string[]> => ({
  placeholder,
  parse: (value) => checked(items(value), check),
  parseFile: (value) => {
    const texts = textsOf(value);
    return texts === undefined
      ? new Invalid("not a sequence such as [a, b]")
      : checked(texts, check);
  },
  combine: (earlier, later) => [...earlier, ...later],
});

/** One entry per flag type. */
export const valueTypes: { readonly [Name in TypeName]: ValueType<ValueByType[Name]> } = {
  bool: {
    placeholder: "true|false",
    parse: (value) => {
      if (/^(?:1|t|T|TRUE|true|True)$/.test(value)) return true;
      if (/^(?:0|f|F|FALSE|false|False)$/.test(value)) return false;
      return new Invalid("neither true nor false");
    },
  },
  int: signed64,
  int64: signed64,
  int32: integer(-(2n ** 31n), 2n ** 31n - 1n),
  uint64: integer(0n, 2n ** 64n - 1n),
  float64: { placeholder: "NUMBER", parse: parseFloatingPoint },
  duration: { placeholder: "DURATION", parse: parseDuration },
  bytes: { placeholder: "BYTES", parse: parseBytes },
  string: text("TEXT"),
  path: text("FILE"),
  choice: {
    placeholder: "WORD",
    parse: (value, row) =>
      row.values?.includes(value) === true
        ? value
        : new Invalid(`not one of ${row.values?.join(", ") ?? ""}`),
  },
  set: {
    placeholder: "LIST",
    parse: (value) => sorted(items(value)),
    parseFile: (value) => {
      if (!(value instanceof Map)) return new Invalid("not a mapping such as {a: {}, b: {}}");
      for (const [name, content] of value)
        if (content !== null && !(content instanceof Map))
          return new Invalid(`not a mapping such as {a: {}, b: {}}: "${name}" has a value`);
      return value.size === 0 ? undefined : sorted([...value.keys()]);
    },
    combine: (earlier, later) => sorted([...earlier, ...later]),
  },
  list: list("LIST"),
  urls: list("URLS", (item) =>
    /^https?:$/.test(URL.parse(item)?.protocol ?? "")
      ? undefined
      : new Invalid(`wrong in "${item}": a URL such as http://worker-0:8080 is needed`),
  ),
  paths: {
    placeholder: "FILE|DIR|-",
    parse: (value) => [value],
    parseFile: (value) =>
      typeof value === "string"
        ? [value]
        : (textsOf(value) ?? new Invalid("neither a path nor a sequence such as [a, b]")),
    combine: (earlier, later) => [...earlier, ...later],
  },
  allowMap: {
    placeholder: "RESOURCE=[KEY,…],…",
    parse: parseAllowMap,
    parseFile: (value) => {
      const wrong = new Invalid("not a mapping such as {pods: [app, team]}");
      if (!(value instanceof Map)) return wrong;
      const lists = new Map<string, readonly string[]>();
      for (const [resource, keys] of value) {
        const texts = keys === null ? [] : textsOf(keys);
        if (texts === undefined) return wrong;
        lists.set(resource, texts);
      }
      return allowMapOf(lists);
    },
  },
};

/** The word that stands for a flag's value in the help. */
export function placeholderOf(row: FlagRow): string {
  return row.placeholder ?? row.values?.join("|") ?? valueTypes[row.type].placeholder;
}

function items(value: string): string[] {
  return value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function textsOf(value: FileValue): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === "string")
    ? value
    : undefined;
}

function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted(byBytes);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function checked(
  values: readonly string[],
  check: (item: string) => Invalid | undefined,
): readonly string[] | Invalid {
  for (const value of values) {
    const problem = check(value);
    if (problem !== undefined) return problem;
  }
  return values;
}
