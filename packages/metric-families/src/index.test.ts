import { expect, test } from "vitest";
import * as surface from "./index.ts";

test("the package exports what is listed here and nothing else", () => {
  expect(Object.keys(surface).sort()).toEqual([
    "annotations",
    "approximate",
    "conditions",
    "created",
    "deletionTimestamp",
    "familiesOf",
    "family",
    "generation",
    "identityText",
    "labels",
    "milliPrecise",
    "oneOf",
    "owners",
    "parseGoFloat",
    "renderer",
    "resourceVersion",
    "resources",
    "whole",
  ]);
});
