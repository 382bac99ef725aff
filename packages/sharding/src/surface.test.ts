import { expect, test } from "vitest";
import * as sharding from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(sharding).sort()).toEqual([
    "hashNamed",
    "jump",
    "jumpDeparture",
    "jumpOwnership",
    "slotCount",
    "slotOf",
    "slotOwnership",
  ]);
});
