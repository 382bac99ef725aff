import fc from "fast-check";
import { expect, test } from "vitest";
import { jump, jumpDeparture } from "./jump.ts";

function halves(key: bigint): { high: number; low: number } {
  return { high: Number(key >> 32n) | 0, low: Number(key & 0xffffffffn) | 0 };
}

test.each([
  [0n, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"],
  [1n, "0 0 0 0 0 0 6 6 6 6 6 6 6 6 6 6 6 17 17"],
  [0xdeadbeefn, "0 1 2 3 3 5 5 5 5 5 5 5 5 5 5 5 16 16 16"],
  [0x0ddc0ffeebadf00dn, "0 1 2 2 2 2 2 2 2 2 2 2 2 2 2 15 15 15 15"],
])("the key %d has the published buckets for 1, 2, 3, … of them", (key, buckets) => {
  const expected = buckets.split(" ").map(Number);
  expect(expected.map((_, index) => jump(halves(key), index + 1))).toEqual(expected);
});

test("there is no bucket without buckets", () => {
  expect(jump(halves(5n), 0)).toBe(-1);
  expect(jump(halves(5n), -3)).toBe(-1);
});

const key = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const buckets = fc.integer({ min: 1, max: 5_000 });

test("the bucket agrees with a BigInt model for any key", () => {
  fc.assert(
    fc.property(key, buckets, (value, count) => {
      expect(jump(halves(value), count)).toBe(model(value, count));
    }),
    { numRuns: 1_000 },
  );
});

test("a key stays in its bucket up to its departure, and then moves to the last one", () => {
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 50 }), (value, count) => {
      const departure = jumpDeparture(halves(value), count);
      expect(departure).toBeGreaterThan(count);
      expect(jump(halves(value), departure - 1)).toBe(jump(halves(value), count));
      expect(jump(halves(value), departure)).toBe(departure - 1);
    }),
  );
});

function model(value: bigint, count: number): number {
  let state = value;
  let bucket = -1;
  let next = 0;
  while (next < count) {
    bucket = next;
    state = (state * 2862933555777941757n + 1n) % 2n ** 64n;
    next = Math.trunc((bucket + 1) * (2147483648 / (Number(state >> 33n) + 1)));
  }
  return bucket;
}
