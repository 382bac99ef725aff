import fc from "fast-check";
import { expect, test } from "vitest";
import { Uint64 } from "./uint64.ts";

const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n),
);
const modulus = 2n ** 64n;

function from(value: bigint): Uint64 {
  const result = new Uint64();
  result.set(Number(value >> 32n), Number(value & 0xffffffffn));
  return result;
}

function toBigInt({ high, low }: Uint64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

test.each([
  ["add", (a: bigint, b: bigint) => (a + b) % modulus],
  ["multiply", (a: bigint, b: bigint) => (a * b) % modulus],
  ["xor", (a: bigint, b: bigint) => a ^ b],
] as const)("%s agrees with BigInt modulo 2^64", (operation, model) => {
  fc.assert(
    fc.property(uint64, uint64, (a, b) => {
      const value = from(a);
      const other = from(b);
      value[operation](other.high, other.low);
      expect(toBigInt(value)).toBe(model(a, b));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["rotateLeft", (a: bigint, n: bigint) => ((a << n) | (a >> (64n - n))) % modulus],
  ["xorShiftRight", (a: bigint, n: bigint) => a ^ (a >> n)],
] as const)("%s agrees with BigInt for 1 to 31 bits", (operation, model) => {
  fc.assert(
    fc.property(uint64, fc.integer({ min: 1, max: 31 }), (a, bits) => {
      const value = from(a);
      value[operation](bits);
      expect(toBigInt(value)).toBe(model(a, BigInt(bits)));
    }),
  );
});
