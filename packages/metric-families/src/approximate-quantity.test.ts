import fc from "fast-check";
import { expect, test } from "vitest";
import { approximate } from "./approximate-quantity.ts";

test.each<[string, number]>([
  ["0", 0],
  ["1", 1],
  ["+1", 1],
  ["-1", -1],
  ["-1500m", -1.5],
  ["100m", 0.1],
  ["700m", 0.700_000_000_000_000_1],
  ["0.7", 0.700_000_000_000_000_1],
  ["0.3", 0.300_000_000_000_000_04],
  ["300m", 0.3],
  ["3300m", 3.300_000_000_000_000_3],
  ["9m", 0.009_000_000_000_000_001],
  ["13m", 0.013_000_000_000_000_001],
  ["18m", 0.018_000_000_000_000_002],
  ["1005m", 1.005_000_000_000_000_1],
  ["1u", 1e-6],
  ["100u", 9.999_999_999_999_999e-5],
  ["333333333n", 0.333_333_333],
  ["1n", 1e-9],
  ["12e-3", 0.012],
  ["1E3", 1000],
  ["5.", 5],
  [".5", 0.5],
  ["007", 7],
  ["100k", 1e5],
  ["9E", 9e18],
  ["800Ki", 819_200],
  ["0.1Ki", 102.4],
  ["1.5Gi", 1_610_612_736],
  ["1Ti", 2 ** 40],
  ["12345678901234567m", 12_345_678_901_234.568],
  ["123456789.123456789", 123_456_789.123_456_79],
])("%s is the product of an integer and a power of ten: %d", (text, value) => {
  expect(approximate(text)).toBe(value);
});

test("anything finer than a billionth is rounded away from zero", () => {
  expect(approximate("0.1n")).toBe(1e-9);
  expect(approximate("-1e-12")).toBe(-1e-9);
});

test("a binary quantity ends at 64 bits, a decimal one does not", () => {
  expect(approximate("16Ei")).toBe(2 ** 63);
  expect(approximate("-16Ei")).toBe(-(2 ** 63));
  expect(approximate("9223372036854775808")).toBe(2 ** 63);
  expect(approximate("100E")).toBe(1e20);
});

test.each([
  "",
  ".",
  "+",
  "-",
  "m",
  "Ki",
  "1K",
  "1ki",
  "1 m",
  " 1",
  "1mm",
  "0x1",
  "NaN",
  "1e",
  "1e1000",
  "--1",
  "1.2.3",
])("%j is no quantity", (text) => {
  expect(approximate(text)).toBeUndefined();
});

test("an absent quantity has no value", () => {
  expect(approximate(undefined)).toBeUndefined();
});

test("a whole number without suffix is the double nearest to it", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), (number) => {
      expect(approximate(`${number}`)).toBe(Number(number));
    }),
  );
});
