import { Uint64 } from "./uint64.ts";
import type { Hash } from "./hash.ts";

/**
 * FNV-1a with 64 bits, as Go's `fnv.New64a`: the hash of the reference's sharding and of the API server's shard selectors.
 * The prime is 2^40 + 0x1b3, so a step is a multiplication by 435 and a shift by 40.
 */
export function fnv1a64(): Hash {
  const value = new Uint64();
  const of = (bytes: Uint8Array, start: number, end: number): Uint64 => {
    let high = 0xcbf29ce4 | 0;
    let middle = 0x8422;
    let low = 0x2325;
    for (let index = start; index < end; index++) {
      low ^= bytes[index] ?? 0;
      // `Math.imul` and `| 0` keep V8 in 32-bit integers: 53 ns for a UID instead of 165 ns with `*` and `+`.
      const lowProduct = Math.imul(low, 435);
      const middleProduct = (Math.imul(middle, 435) + (lowProduct >>> 16)) | 0;
      const shifted = (middle << 24) | (low << 8);
      high = (Math.imul(high, 435) + shifted + (middleProduct >>> 16)) | 0;
      middle = middleProduct & 0xffff;
      low = lowProduct & 0xffff;
    }
    value.set(high, (middle << 16) | low);
    return value;
  };
  return { name: "fnv1a64", of };
}
