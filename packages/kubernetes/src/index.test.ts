import { expect, test } from "vitest";
import * as kubernetes from "./index.ts";

test("the package exports these values and no others", () => {
  expect(Object.keys(kubernetes).toSorted()).toEqual([
    "ApiClient",
    "ApiError",
    "ListSlots",
    "Reflector",
    "Slices",
    "compareResourceVersions",
    "loadCluster",
    "systemClock",
  ]);
});
