/**
 * One of several parts of the exposition: together they are the whole, each object in one of them. Parts are ranges of hash slots, so that an
 * object stays in its part whatever the number of shards is. A shard that answers as text is in the first one.
 */
export interface Part {
  /** 0 to count - 1. */
  readonly index: number;
  readonly count: number;
}

/** Reads `i/n`, i from 1 to n; undefined for anything else. */
export function parsePart(text: string): Part | undefined {
  const [, first, second] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const [number, count] = [Number(first), Number(second)];
  return number >= 1 && number <= count ? { index: number - 1, count } : undefined;
}
