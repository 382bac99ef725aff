import type { JsonValue } from "@kube-state-mosaic/wire";
import { expect, test } from "vitest";
import { labelText } from "./label-text.ts";

test.each<[JsonValue, string]>([
  ["text", "text"],
  ["", ""],
  [true, "true"],
  [1_656_374_400, "1656374400"],
  [-0, "0"],
  [2.5, "2.5"],
  [1e21, "1e+21"],
  [1e-7, "1e-07"],
  [9_007_199_254_740_993n, "9007199254740993"],
  [18_446_744_073_709_551_616n, "1.8446744073709552e+19"],
  [null, "<nil>"],
  [["a", 1, null, ["b"]], "[a 1 <nil> [b]]"],
  [[], "[]"],
  [{ b: 2, a: { c: null } }, "map[a:map[c:<nil>] b:2]"],
  [{}, "map[]"],
])("%o is the label value %j", (value, text) => {
  expect(labelText(value)).toBe(text);
});
