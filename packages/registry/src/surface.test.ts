import { expect, test } from "vitest";
import * as surface from "./index.ts";

test("the package exports these names and no others", () => {
  expect(Object.keys(surface).toSorted()).toEqual([
    "LeaseRegistry",
    "RedisRegistry",
    "StaticRegistry",
    "findStatefulSet",
    "leaseRole",
    "listMembers",
    "parseRedisAddress",
    "removeLayout",
  ]);
});
