import { expect, test } from "vitest";
import * as sharding from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(sharding).sort()).toEqual([
    "departureClasses",
    "firstLayout",
    "gainedSlots",
    "hasMembers",
    "hashNamed",
    "indexOf",
    "isHashName",
    "jump",
    "jumpDeparture",
    "jumpOwnership",
    "makeLayout",
    "memberLimit",
    "nextLayout",
    "ownedSlots",
    "parseLayoutState",
    "plainSlots",
    "serialiseLayoutState",
    "shardSelector",
    "slotCount",
    "slotOf",
    "slotOwnership",
    "slotSelector",
    "slotTableName",
  ]);
});
