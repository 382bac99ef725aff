import { expect, test } from "vitest";
import * as surface from "./index.ts";

test("the package exports what is listed here and nothing else", () => {
  expect(Object.keys(surface).toSorted()).toEqual([
    "customResource",
    "customResourceName",
    "readConfiguration",
    "readDefinition",
    "resolve",
  ]);
});
