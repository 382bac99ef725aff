import { expect, test } from "vitest";
import * as fakeKubernetes from "../src/index.ts";

test("the public names are these", () => {
  expect(Object.keys(fakeKubernetes).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "ApiFailure",
    "live",
    "populate",
    "startFakeKubernetes",
  ]);
});
