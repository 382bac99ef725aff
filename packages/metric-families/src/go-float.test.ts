import { expect, test } from "vitest";
import { parseGoFloat } from "./go-float.ts";

test.each([
  ["10596", 10_596],
  ["0", 0],
  ["-0", -0],
  ["+1.5", 1.5],
  [".5", 0.5],
  ["5.", 5],
  ["1e3", 1000],
  ["1E-3", 0.001],
  ["1_000", 1000],
  ["1_0.0_1e1_0", 10.01e10],
  ["0x1p4", 16],
  ["0X1.8p1", 3],
  ["0x_1p4", 16],
  ["-0x10p-1", -8],
  ["0x.8p0", 0.5],
  ["18446744073709551615", 18_446_744_073_709_552_000],
  ["1e-400", 0],
  ["inf", Infinity],
  ["-Infinity", -Infinity],
  ["NaN", Number.NaN],
])("%s is read as %d", (text, value) => {
  expect(parseGoFloat(text)).toBe(value);
});

test.each([
  "",
  " 1",
  "1 ",
  "BBBBB",
  "123456B",
  "0x10",
  "0x",
  "0xp1",
  "0x1p",
  "1e",
  "e1",
  ".",
  "+",
  "--1",
  "_1",
  "1_",
  "1__0",
  "1_.0",
  "1e_1",
  "1_e5",
  "1.5_e3",
  "0x1_p4",
  "1f_2",
  "0b1",
  "1e400",
  "0x1p2000",
  "+nan",
  "infin",
  "1,5",
  "１",
])("%j is no number", (text) => {
  expect(parseGoFloat(text)).toBeUndefined();
});
