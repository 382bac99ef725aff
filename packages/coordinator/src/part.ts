/** One of several parts of the exposition: together they are the whole, each sample in one of them. Parts are groups of shards. */
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
