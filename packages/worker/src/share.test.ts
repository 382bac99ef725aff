import {
  makeLayout,
  ownedSlots,
  plainSlots,
  slotTableName,
  type Layout,
} from "@kube-state-mosaic/sharding";
import { expect, test } from "vitest";
import { Share } from "./share.ts";

function layout(epoch: number, members: number, hash = "fnv1a64"): Layout {
  return makeLayout({
    epoch,
    hash,
    table: slotTableName,
    members: Array.from({ length: members }, (_, index) => String(index)),
    slots: plainSlots(members),
  });
}

/** The slots a view shows, by the classes of the share. */
function shownSlots(share: Share, epoch: number): Uint8Array {
  const shows = share.shows(epoch);
  return Uint8Array.from({ length: 1024 }, (_, slot) => (shows(share.classOf(slot)) ? 1 : 0));
}

const count = (slots: Uint8Array): number => slots.reduce((sum, slot) => sum + slot, 0);

test("a first view gains all slots of the member, and shows exactly these", () => {
  const share = new Share("1");
  const { gained, split } = share.add(layout(1, 3));
  expect(gained).toEqual(ownedSlots(layout(1, 3), "1"));
  expect(split.size).toBe(0);
  expect(shownSlots(share, 1)).toEqual(gained);
});

test("growing by up to eight members takes no class apart, and both views are whole until the old one ends", () => {
  const share = new Share("0");
  share.add(layout(1, 2));
  const { gained, split } = share.add(layout(2, 7));
  expect(count(gained)).toBe(0);
  expect(split.size).toBe(0);
  expect(shownSlots(share, 1)).toEqual(ownedSlots(layout(1, 2), "0"));
  expect(shownSlots(share, 2)).toEqual(ownedSlots(layout(2, 7), "0"));
  const free = share.remove(1);
  expect(free.size).toBeGreaterThan(0);
  expect(shownSlots(share, 2)).toEqual(ownedSlots(layout(2, 7), "0"));
});

test("growing further splits classes, so that each view still shows what it owns", () => {
  const share = new Share("0");
  share.add(layout(1, 1));
  const { split } = share.add(layout(2, 14));
  expect(split.size).toBeGreaterThan(0);
  expect(shownSlots(share, 1)).toEqual(ownedSlots(layout(1, 1), "0"));
  expect(shownSlots(share, 2)).toEqual(ownedSlots(layout(2, 14), "0"));
});

test("shrinking gains the slots of the leavers in classes of their own, and growing again loses them as a whole", () => {
  const share = new Share("0");
  share.add(layout(1, 5));
  const shrunk = share.add(layout(2, 3));
  expect(count(shrunk.gained)).toBeGreaterThan(0);
  expect(shownSlots(share, 2)).toEqual(ownedSlots(layout(2, 3), "0"));
  expect(share.remove(1).size).toBe(0);
  expect(share.add(layout(3, 5)).split.size).toBe(0);
});

test("a view that is given up before it was shown leaves the others as they were", () => {
  const share = new Share("0");
  share.add(layout(1, 5));
  const { gained } = share.add(layout(2, 3));
  const free = share.remove(2);
  expect(free.size).toBeGreaterThan(0);
  expect(shownSlots(share, 1)).toEqual(ownedSlots(layout(1, 5), "0"));
  const kept = [...gained.keys()].filter((slot) => gained[slot] === 1 && share.classOf(slot) >= 0);
  expect(kept).toEqual([]);
});

test("what the next pending layout gains too is not gained twice", () => {
  const share = new Share("0");
  share.add(layout(1, 5));
  share.add(layout(2, 3));
  const { gained } = share.add(layout(3, 2));
  const first = ownedSlots(layout(2, 3), "0");
  expect([...gained.keys()].filter((slot) => first[slot] === 1 && gained[slot] === 1)).toEqual([]);
  share.remove(2);
  expect(shownSlots(share, 3)).toEqual(ownedSlots(layout(3, 2), "0"));
});

test("layouts of an unknown or another hash are not supported", () => {
  const share = new Share("0");
  expect(share.supports(layout(1, 2, "md5"))).toBe(false);
  expect(share.supports(layout(1, 2, "xxh64"))).toBe(true);
  share.add(layout(1, 2));
  expect(share.supports(layout(2, 3, "xxh64"))).toBe(false);
  expect(share.supports(layout(2, 3))).toBe(true);
});
