import { fnv1a64 } from "./fnv1a64.ts";
import type { Hash, HashName, HashValue } from "./hash.ts";
import { xxh64 } from "./xxh64.ts";

/** Number of slots that a layout distributes over its members. */
export const slotCount = 1024;

/** The slot of a hash, in `[0, 1024)`: its top 10 bits, so that neighbouring slots are neighbouring ranges of hashes. */
export function slotOf(hash: HashValue): number {
  return hash.high >>> 22;
}

/** A hash of its own; hashes do not share their value. */
export function hashNamed(name: HashName): Hash {
  return name === "xxh64" ? xxh64() : fnv1a64();
}
