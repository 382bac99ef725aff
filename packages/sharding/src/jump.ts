import type { HashValue } from "./hash.ts";
import { Uint64 } from "./uint64.ts";

/**
 * Jump consistent hash (Lamping and Veach), step by step as the reference computes it: the bucket in `[0, buckets)` of a
 * 64-bit key, -1 for no bucket. From N to N + 1 buckets a key stays or moves to the new one.
 */
export function jump(key: HashValue, buckets: number): number {
  let bucket = -1;
  let next = 0;
  state.set(key.high, key.low);
  while (next < buckets) {
    bucket = next;
    advance();
    next = nextBucket(bucket);
  }
  return bucket;
}

/**
 * The smallest number of buckets, above `buckets`, at which a key leaves its bucket. The handover keeps rows together that
 * leave together.
 */
export function jumpDeparture(key: HashValue, buckets: number): number {
  let next = 0;
  state.set(key.high, key.low);
  while (next < buckets) {
    advance();
    next = nextBucket(next);
  }
  return next + 1;
}

// One instance for all calls: none of them is interrupted.
const state = new Uint64();

/** The linear congruential generator of the algorithm: k * 2862933555777941757 + 1. */
function advance(): void {
  state.multiply(0x27bb2ee6, 0x87b0b0fd);
  state.add(0, 1);
}

/** The division comes first, as in the reference: the rounding of the doubles is part of the result. */
function nextBucket(bucket: number): number {
  return Math.trunc((bucket + 1) * (2147483648 / ((state.high >>> 1) + 1)));
}
