import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { departureClasses, plainSlots, resizeSlots } from "./slot-table.ts";
import { slotCount } from "./slot.ts";

const everyCount = Array.from({ length: 254 }, (_, index) => index + 1);

function sharesOf(slots: Uint8Array, members: number): number[] {
  return Array.from(
    { length: members },
    (_, index) => slots.filter((owner) => owner === index).length,
  );
}

function rangesOf(slots: Uint8Array, index: number): number {
  return slots.filter((owner, slot) => owner === index && slots[slot - 1] !== index).length;
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

/** The difference between the largest and the smallest share of members that own all slots together. */
function spreadOf(slots: Uint8Array, members: number): number {
  const shares = sharesOf(slots, members);
  if (shares.reduce((sum, share) => sum + share, 0) !== slotCount) return Infinity;
  return Math.max(...shares) - Math.min(...shares);
}

test("one member owns everything", () => {
  expect(plainSlots(1)).toEqual(new Uint8Array(slotCount));
});

test("the shares of any two members differ by at most one slot, for 1 to 255 members", () => {
  for (const count of [...everyCount, 255])
    expect(spreadOf(plainSlots(count), count)).toBeLessThanOrEqual(1);
});

test("one more member takes a 1/(N+1) share, and nothing else moves, for 1 to 254 members", () => {
  for (const count of everyCount) {
    const [before, after] = [plainSlots(count), plainSlots(count + 1)];
    const moved = after.filter((owner, slot) => owner !== before[slot]);
    expect(moved.length).toBe(Math.floor(slotCount / (count + 1)));
    expect(moved.every((owner) => owner === count)).toBe(true);
  }
});

test("no shard of up to 64 has more than 26 ranges", () => {
  for (const count of everyCount.slice(0, 64))
    for (let index = 0; index < count; index++)
      expect(rangesOf(plainSlots(count), index)).toBeLessThanOrEqual(26);
});

// A table with other bytes under the same name would be another layout for the same members: change the name with it.
test.each([
  [2, "70b8c6dc"],
  [3, "37e18957"],
  [64, "4eac27bf"],
])("the table of %d members called slots-v1 never changes", (count, digest) => {
  const hash = createHash("sha256").update(plainSlots(count)).digest("hex");
  expect(hash.slice(0, 8)).toBe(digest);
});

test("a table is a copy: changing it changes no other", () => {
  plainSlots(3).fill(2);
  expect(sharesOf(plainSlots(3), 3)).toEqual([342, 341, 341]);
});

const count = fc.integer({ min: 1, max: 40 });

test("shrinking a plain table by any number gives the plain table back, so that growing again moves the same slots", () => {
  fc.assert(
    fc.property(count, count, (before, after) => {
      expect(resizeSlots(plainSlots(before), before, after)).toEqual(plainSlots(after));
    }),
  );
});

test("of any table, growing moves slots to newcomers alone and shrinking those of leavers alone, and the balance stays", () => {
  fc.assert(
    fc.property(count, count, fc.integer({ min: 1, max: slotCount }), (before, after, shift) => {
      const plain = plainSlots(before);
      const turned = plain.map((_, slot) => plain[(slot + shift) % slotCount]!);
      const resized = resizeSlots(turned, before, after);
      const moved = resized.filter((owner, slot) => owner !== turned[slot]);
      expect(spreadOf(resized, after)).toBeLessThanOrEqual(1);
      const arrived = moved.filter((owner) => owner >= before).length;
      const departed = turned.filter((owner) => owner >= after).length;
      expect(moved.length).toBe(after > before ? arrived : departed);
    }),
    { numRuns: 50 },
  );
});

test("a very uneven table of other rules still gives the newcomer its share, from the largest ones", () => {
  const uneven = new Uint8Array(slotCount).fill(0, 0, 1000).fill(1, 1000);
  expect(sharesOf(resizeSlots(uneven, 2, 3), 3)).toEqual([659, 24, 341]);
});

test("a slot's departure class is the number of members at which it goes, within the horizon", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 59 }), (members, at) => {
      const index = at % members;
      const slots = plainSlots(members);
      const classes = departureClasses({ slots, members: namesOf(members) }, index, 4);
      classes.forEach((departure, slot) => {
        const first = [1, 2, 3, 4].find((more) => plainSlots(members + more)[slot] !== index);
        const expected = slots[slot] === index && first !== undefined ? members + first : 0;
        expect(departure).toBe(expected);
      });
    }),
    { numRuns: 20 },
  );
});

test("nobody departs to a member beyond the limit", () => {
  const slots = plainSlots(255);
  expect(departureClasses({ slots, members: namesOf(255) }, 0)).toEqual(new Uint8Array(slotCount));
});
