import type { Hash64 } from "./fnv1a64.ts";
import type { Selector } from "./selectors.ts";
import { ApiFailure, failure } from "./status.ts";

export interface ShardSelector {
  readonly matches: Selector;
  /** As the server echoes it: one blank after each comma and around `||`. */
  readonly canonical: string;
}

interface Range {
  readonly start: Hash64;
  /** Exclusive; its high half is 2^32 for the end of the key space. */
  readonly end: Hash64;
}

/** `shardRange(object.metadata.uid, '0x…', '0x…') || …`; throws the 500 of a real server for anything else. */
export function parseShardSelector(text: string): ShardSelector {
  const terms = text.split("||").map((term) => {
    const parts =
      /^\s*shardRange\(\s*object\.metadata\.(uid|namespace)\s*,\s*['"](0x[0-9a-f]{16}|0x10000000000000000)['"]\s*,\s*['"](0x[0-9a-f]{16}|0x10000000000000000)['"]\s*\)\s*$/.exec(
        text.includes("||") ? term : text,
      );
    if (parts === null) throw invalidShardSelector("expected shardRange() call or || operator");
    const [, field = "uid", start = "", end = ""] = parts;
    return { field, start, end, range: { start: bound(start), end: bound(end) } };
  });
  const [first] = terms;
  if (first === undefined) throw invalidShardSelector("empty expression");
  if (terms.some(({ field }) => field !== first.field))
    throw invalidShardSelector("all ranges must use the same field");
  if (terms.some(({ range }) => !isBelow(range.start, range.end)))
    throw invalidShardSelector("start must be below end");
  const field = first.field === "namespace" ? "namespace" : "uid";
  const ranges = terms.map(({ range }) => range);
  return {
    matches: (object) => {
      const hash = object.hash(field);
      return ranges.some((range) => contains(range, hash));
    },
    canonical: terms
      .map((term) => `shardRange(object.metadata.${field}, '${term.start}', '${term.end}')`)
      .join(" || "),
  };
}

function bound(hex: string): Hash64 {
  const digits = hex.slice(2).padStart(17, "0");
  return {
    high: Number.parseInt(digits.slice(0, 9), 16),
    low: Number.parseInt(digits.slice(9), 16),
  };
}

function isBelow(a: Hash64, b: Hash64): boolean {
  return a.high < b.high || (a.high === b.high && a.low < b.low);
}

function contains({ start, end }: Range, hash: Hash64): boolean {
  return !isBelow(hash, start) && isBelow(hash, end);
}

function invalidShardSelector(why: string): ApiFailure {
  return new ApiFailure(failure(500, "", { message: `invalid shard selector: ${why}` }));
}
