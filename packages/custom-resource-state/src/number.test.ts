import { expect, test } from "vitest";
import { NoNumber, numberOf } from "./number.ts";

test.each<[string, number]>([
  ["3", 3],
  ["1.5", 1.5],
  ["0.1", 0.1],
  ["0.3", 0.300_000_000_000_000_04],
  ["0.7", 0.700_000_000_000_000_1],
  ["3.3", 3.300_000_000_000_000_3],
  ["19.99", 19.990_000_000_000_002],
  ["43.21", 43.21],
  ["250m", 0.25],
  ["300m", 0.3],
  ["700m", 0.700_000_000_000_000_1],
  ["43m", 0.043_000_000_000_000_003],
  ["100u", 9.999_999_999_999_999e-5],
  ["1n", 1e-9],
  ["5Gi", 5_368_709_120],
  ["1.5Gi", 1_610_612_736],
  ["0.1Ki", 102.4],
  ["16Ei", 2 ** 63],
  ["1e3", 1000],
  ["10E", 1e19],
  ["1e-12", 1e-9],
  ["0.123456789123", 0.123_456_790_000_000_01],
  ["1e400", Infinity],
  ["1e-4000", 1e-9],
  ["-1e4000", -Infinity],
  ["0e4000", 0],
  ["1e0003", 1000],
  ["28%", 0.28],
  ["5m", 0.005],
  ["5M", 5_000_000],
  // A zero before the point counts as a digit, so this one does not fit 18 of them.
  ["0.123456789012345678E", 123_456_789_012_345_680],
])("the text %j is the quantity or percentage %d", (text, number) => {
  expect(numberOf(text)).toBe(number);
});

test.each("- + . m n u k M G T P E Ki Mi Gi Ti e5 E+5 e-5 -m .k".split(" "))(
  "%j, a quantity without digits, is 0",
  (text) => {
    expect(numberOf(text)).toBe(0);
  },
);

test.each<[string, number]>([
  ["true", 1],
  ["Yes", 1],
  ["FALSE", 0],
  ["no", 0],
  ["Unknown", 0],
  ["2024-05-01T10:00:00Z", 1_714_557_600],
  ["2024-05-01T12:00:00.75+02:00", 1_714_557_600],
  ["2024-05-01T12:00:00,75+02:00", 1_714_557_600],
  ["2024-05-01T7:00:00Z", 1_714_546_800],
  ["2024-02-29T00:00:00Z", 1_709_164_800],
  ["1969-12-31T23:59:59.5Z", -1],
  ["0001-01-01T00:00:00Z", -62_135_596_800],
  ["2024-05-01T10:00:00+24:60", 1_714_467_600],
  ["inf", Infinity],
  ["+Inf", Infinity],
  ["-infinity", -Infinity],
  ["nan", Number.NaN],
  ["1_000", 1000],
  ["0x1p-2", 0.25],
])("the text %j is %d", (text, number) => {
  expect(numberOf(text)).toBe(number);
});

test.each([
  "",
  "Pi",
  "Ei",
  "e",
  "e-10",
  "on",
  "off",
  "10s",
  "1h30m",
  "12.5%",
  "-5%",
  "0x10",
  "2024-05-01",
  "2023-02-29T00:00:00Z",
  "2024-05-01T24:00:00Z",
  "2024-05-01T10:00:60Z",
  "2024-05-01t10:00:00z",
  "2024-05-01T10:00:00+25:00",
  "1 000",
  " 1",
  "maybe",
])("the text %j is no number", (text) => {
  expect(numberOf(text)).toBeInstanceOf(NoNumber);
});

test("numbers and booleans count as they are, integers beyond 2^53 as the nearest double", () => {
  expect(numberOf(0.3)).toBe(0.3);
  expect(numberOf(true)).toBe(1);
  expect(numberOf(false)).toBe(0);
  expect(numberOf(9_007_199_254_740_993n)).toBe(9_007_199_254_740_992);
});

test("nothing is 0 when that is asked for, lists and mappings never are a number", () => {
  for (const nothing of [null, undefined]) {
    expect(numberOf(nothing)).toBeInstanceOf(NoNumber);
    expect(numberOf(nothing, true)).toBe(0);
  }
  expect(numberOf([1], true)).toBeInstanceOf(NoNumber);
  expect(numberOf({ a: 1 }, true)).toBeInstanceOf(NoNumber);
});
