import fc from "fast-check";
import { expect, test } from "vitest";
import { formatValue } from "./format-value.ts";

test.each([
  [1, "1"],
  [0, "0"],
  [-0, "0"],
  [-1, "-1"],
  [Number.NaN, "NaN"],
  [Infinity, "+Inf"],
  [-Infinity, "-Inf"],
  [10596, "10596"],
  [123456, "123456"],
  [999999, "999999"],
  [-999999, "-999999"],
  [1000000, "1e+06"],
  [-1000000, "-1e+06"],
  [1234567, "1.234567e+06"],
  [1501569018, "1.501569018e+09"],
  [1500000000, "1.5e+09"],
  [9007199254740992, "9.007199254740992e+15"],
  [1e16, "1e+16"],
  [0.1, "0.1"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [0.000099, "9.9e-05"],
  [0.0000001, "1e-07"],
  [0.062, "0.062"],
  [123456.789, "123456.789"],
  [100000.5, "100000.5"],
  [26335914.666, "2.6335914666e+07"],
  [-62135596800, "-6.21355968e+10"],
  [1e21, "1e+21"],
  [1e100, "1e+100"],
  [5e-324, "5e-324"],
  [1.7976931348623157e308, "1.7976931348623157e+308"],
])("%d is written %s", (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test("every text reads back to the same double", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(formatValue(value))).toBe(value === 0 ? 0 : value);
    }),
  );
});

test("the form is Go's: plain between 10^-4 and 10^6, else a signed exponent of two digits or more", () => {
  const plain = /^-?(0|[1-9]\d*)(\.\d*[1-9])?$/;
  const exponent = /^-?\d(\.\d*[1-9])?e[+-]\d{2,3}$/;
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const magnitude = Math.abs(value);
      const isPlain = magnitude === 0 || (magnitude >= 1e-4 && magnitude < 1e6);
      expect(formatValue(value)).toMatch(isPlain ? plain : exponent);
    }),
  );
});
