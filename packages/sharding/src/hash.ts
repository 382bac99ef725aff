/** The hashes that a layout can name. */
export type HashName = "xxh64" | "fnv1a64";

/** Whether this image knows a hash. A layout may name one that it does not: such a worker never gets ready for it. */
export function isHashName(name: string): name is HashName {
  return name === "xxh64" || name === "fnv1a64";
}

/** 64 bits in two 32-bit halves, of which only the bits count: they may be signed or not. */
export interface HashValue {
  readonly high: number;
  readonly low: number;
}

export interface Hash {
  readonly name: HashName;
  /** The hash of `bytes[start, end)`. The value belongs to the hash: its next call overwrites it. */
  of(bytes: Uint8Array, start: number, end: number): HashValue;
}
