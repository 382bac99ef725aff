import type { Hash } from "./hash.ts";
import { Uint64 } from "./uint64.ts";

// The primes of the xxHash specification, in halves.
const h1 = 0x9e3779b1;
const l1 = 0x85ebca87;
const h2 = 0xc2b2ae3d;
const l2 = 0x27d4eb4f;
const h3 = 0x165667b1;
const l3 = 0x9e3779f9;
const h4 = 0x85ebca77;
const l4 = 0xc2b2ae63;
const h5 = 0x27d4eb2f;
const l5 = 0x165667c5;

/** XXH64 with seed 0 in JavaScript alone. */
export function xxh64Pure(): Hash {
  const hash = new Uint64();
  const lanes: [Uint64, Uint64, Uint64, Uint64] = [
    new Uint64(),
    new Uint64(),
    new Uint64(),
    new Uint64(),
  ];
  const scratch = new Uint64();

  const of = (bytes: Uint8Array, start: number, end: number): Uint64 => {
    let at = start;
    if (end - start >= 32) {
      at = stripes(lanes, bytes, { start, end });
      converge(hash, lanes, scratch);
    } else hash.set(h5, l5);
    hash.add(0, end - start);
    for (; at + 8 <= end; at += 8) {
      scratch.set(0, 0);
      round(scratch, word(bytes, at + 4), word(bytes, at));
      hash.xor(scratch.high, scratch.low);
      hash.rotateLeft(27);
      hash.multiply(h1, l1);
      hash.add(h4, l4);
    }
    if (at + 4 <= end) {
      scratch.set(0, word(bytes, at));
      scratch.multiply(h1, l1);
      hash.xor(scratch.high, scratch.low);
      hash.rotateLeft(23);
      hash.multiply(h2, l2);
      hash.add(h3, l3);
      at += 4;
    }
    for (; at < end; at++) {
      scratch.set(0, bytes[at] ?? 0);
      scratch.multiply(h5, l5);
      hash.xor(scratch.high, scratch.low);
      hash.rotateLeft(11);
      hash.multiply(h1, l1);
    }
    avalanche(hash);
    return hash;
  };
  return { name: "xxh64", of };
}

type Lanes = readonly [Uint64, Uint64, Uint64, Uint64];

/** Takes whole 32-byte stripes; returns where they end. */
function stripes(
  lanes: Lanes,
  bytes: Uint8Array,
  { start, end }: { start: number; end: number },
): number {
  lanes[0].set(h1, l1);
  lanes[0].add(h2, l2);
  lanes[1].set(h2, l2);
  lanes[2].set(0, 0);
  lanes[3].set(~h1, -l1); // -P1: the low half is not 0, so no borrow remains to be carried
  let at = start;
  for (; at + 32 <= end; at += 32)
    for (let lane = 0; lane < 4; lane++) {
      const offset = at + lane * 8;
      const accumulator = lanes[lane as 0 | 1 | 2 | 3];
      round(accumulator, word(bytes, offset + 4), word(bytes, offset));
    }
  return at;
}

const input = new Uint64();

function round(accumulator: Uint64, high: number, low: number): void {
  input.set(high, low);
  input.multiply(h2, l2);
  accumulator.add(input.high, input.low);
  accumulator.rotateLeft(31);
  accumulator.multiply(h1, l1);
}

const rotations = [1, 7, 12, 18];

function converge(hash: Uint64, lanes: Lanes, scratch: Uint64): void {
  hash.set(0, 0);
  lanes.forEach((lane, index) => {
    scratch.set(lane.high, lane.low);
    scratch.rotateLeft(rotations[index] ?? 0);
    hash.add(scratch.high, scratch.low);
  });
  for (const lane of lanes) {
    scratch.set(0, 0);
    round(scratch, lane.high, lane.low);
    hash.xor(scratch.high, scratch.low);
    hash.multiply(h1, l1);
    hash.add(h4, l4);
  }
}

function avalanche(hash: Uint64): void {
  // A shift by 33 is one by 32 (the high half moves down) and one more.
  hash.low ^= hash.high >>> 1;
  hash.multiply(h2, l2);
  hash.xorShiftRight(29);
  hash.multiply(h3, l3);
  hash.low ^= hash.high;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
