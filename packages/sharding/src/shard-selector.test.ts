import { expect, test } from "vitest";
import { fnv1a64 } from "./fnv1a64.ts";
import { firstLayout } from "./next-layout.ts";
import { slotOwnership } from "./ownership.ts";
import { shardSelector, slotSelector } from "./shard-selector.ts";
import { slotCount } from "./slot.ts";

function members(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

test("two shards are the halves of the hash space, in the canonical form", () => {
  const two = firstLayout(1, members(2), "fnv1a64");
  expect(new Set([shardSelector(two, 0), shardSelector(two, 1)])).toEqual(
    new Set([
      "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')",
      "shardRange(object.metadata.uid, '0x8000000000000000', '0x10000000000000000')",
    ]),
  );
});

test("ranges that touch are one, others are joined by ||", () => {
  const slots = new Uint8Array(slotCount).fill(1, 0, 2).fill(1, 4, 5);
  expect(slotSelector("fnv1a64", slots)).toBe(
    "shardRange(object.metadata.uid, '0x0000000000000000', '0x0080000000000000') || " +
      "shardRange(object.metadata.uid, '0x0100000000000000', '0x0140000000000000')",
  );
});

test("no selector where it would say nothing: one shard, no slots, no such index, another hash", () => {
  expect(shardSelector(firstLayout(1, members(1), "fnv1a64"), 0)).toBeUndefined();
  expect(slotSelector("fnv1a64", new Uint8Array(slotCount))).toBeUndefined();
  expect(shardSelector(firstLayout(1, members(3), "fnv1a64"), 3)).toBeUndefined();
  expect(shardSelector(firstLayout(1, members(3), "xxh64"), 0)).toBeUndefined();
});

test("the ranges of seven shards hold exactly the objects that each owns", () => {
  const layout = firstLayout(1, members(7), "fnv1a64");
  const hash = fnv1a64();
  for (let index = 0; index < 7; index++) {
    const bounds = [
      ...shardSelector(layout, index)!.matchAll(/'(0x[0-9a-f]+)', '(0x[0-9a-f]+)'/gu),
    ];
    const ownership = slotOwnership({ hash: "fnv1a64", owners: layout.slots }, index);
    for (let n = 0; n < 500; n++) {
      const uid = Buffer.from(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
      const { high, low } = hash.of(uid, 0, uid.length);
      const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      const inside = bounds.some(
        ([, start, end]) => value >= BigInt(start!) && value < BigInt(end!),
      );
      expect(inside).toBe(ownership.owns(uid, 0, uid.length));
    }
  }
});
