import { describe, expect, test } from "vitest";
import { milliPrecise, whole } from "./quantity.ts";

const values: readonly (readonly [text: string, milliPrecise: number, whole: number])[] = [
  ["0", 0, 0],
  ["1", 1, 1],
  ["100m", 0.1, 1],
  ["1500m", 1.5, 2],
  ["-1500m", -1.5, -2],
  ["1u", 0.001, 1],
  ["100n", 0.001, 1],
  ["1n", 0.001, 1],
  ["0.0001", 0.001, 1],
  ["0.00000000001", 0.001, 1],
  ["1.0001", 1.001, 2],
  ["1e3", 1000, 1000],
  ["1E3", 1000, 1000],
  ["1e-3", 0.001, 1],
  ["+5", 5, 5],
  ["5.", 5, 5],
  [".5", 0.5, 1],
  ["1k", 1000, 1000],
  ["100M", 1e8, 1e8],
  ["500Ki", 512_000, 512_000],
  ["64Mi", 67_108_864, 67_108_864],
  ["1.5Gi", 1_610_612_736, 1_610_612_736],
  ["0.5Ki", 512, 512],
  ["1Ti", 2 ** 40, 2 ** 40],
  ["1Pi", 2 ** 50, 2 ** 50],
  ["128974848000m", 128_974_848, 128_974_848],
  ["80007316398601", 80_007_316_398_600.98, 80_007_316_398_601],
  ["9007199254740993", 9_007_199_254_740_994, 9_007_199_254_740_992],
  ["10000T", 1e16, 1e16],
  ["2E", 2e18, 2e18],
  ["1Ei", 2 ** 60, 2 ** 60],
  ["8Ei", 2 ** 63, 2 ** 63],
];

describe("a quantity", () => {
  test.each(values)("%s is %d with milli precision and %d as a whole", (text, milli, integer) => {
    expect(milliPrecise(text)).toBe(milli);
    expect(whole(text)).toBe(integer);
  });

  test.each([
    ["9223372036854775808", 2 ** 63],
    ["99999999999999999999", 1e20],
    ["100e18", 1e20],
    ["100E", 1e20],
    ["-9223372036854775808", -(2 ** 63)],
  ])("%s, beyond 64 bits, is its true value", (text, value) => {
    expect(milliPrecise(text)).toBe(value);
    expect(whole(text)).toBe(value);
  });

  test("with a binary suffix is capped at 2^63-1", () => {
    expect(whole("99999Ei")).toBe(2 ** 63);
    expect(whole("-99999Ei")).toBe(-(2 ** 63));
  });

  test.each([
    "",
    ".",
    "+",
    "Ki",
    "1K",
    "1ki",
    "1 Gi",
    "0x10",
    "1e",
    "1e1.5",
    "1mi",
    "--1",
    "١",
    "NaN",
  ])("%j is none, and has no value", (text) => {
    expect(milliPrecise(text)).toBeUndefined();
    expect(whole(text)).toBeUndefined();
  });

  test("that is not there has no value", () => {
    expect(milliPrecise(undefined)).toBeUndefined();
    expect(whole(undefined)).toBeUndefined();
  });

  test("with an exponent no number could have costs nothing", () => {
    expect(whole("1e999999999")).toBeUndefined();
    expect(whole("1e-999999999")).toBeUndefined();
    expect(whole(`${"9".repeat(1000)}`)).toBeUndefined();
  });

  test("keeps its value however many others are converted in between", () => {
    for (let i = 0; i < 10_000; i++) expect(whole(`${i}Ki`)).toBe(i * 1024);
    expect(whole("1Ki")).toBe(1024);
  });
});
