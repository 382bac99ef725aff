import { expect, test } from "vitest";
import { compareResourceVersions } from "./resource-version.ts";

test.each([
  ["9", "10", -1],
  ["10", "9", 1],
  ["123", "124", -1],
  ["18446744073709551616", "18446744073709551615", 1],
  ["7", "7", 0],
  ["abc", "abc", 0],
])("%s against %s is ordered as numbers of any length", (a, b, sign) => {
  expect(Math.sign(compareResourceVersions(a, b) ?? Number.NaN)).toBe(sign);
});

test.each([
  ["0", "5"],
  ["05", "5"],
  ["", "5"],
  ["a1", "5"],
  ["-5", "5"],
])("%s cannot be compared with %s", (a, b) => {
  expect(compareResourceVersions(a, b)).toBeUndefined();
  expect(compareResourceVersions(b, a)).toBeUndefined();
});
