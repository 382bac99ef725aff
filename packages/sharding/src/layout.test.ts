import fc from "fast-check";
import { expect, test } from "vitest";
import { gainedSlots, indexOf, makeLayout, ownedSlots, type Layout } from "./layout.ts";
import { parseLayoutState, serialiseLayoutState, type LayoutState } from "./layout-state.ts";
import { firstLayout, hasMembers, nextLayout } from "./next-layout.ts";
import { plainSlots } from "./slot-table.ts";
import { slotCount } from "./slot.ts";

const three = firstLayout(8, ["0", "1", "2"], "fnv1a64");
const five = nextLayout(three, 9, ["0", "1", "2", "3", "4"]);

const state: LayoutState = {
  v: 1,
  floor: 9,
  source: { uid: "s", generation: 4, start: 0, replicas: 5 },
  active: { ...three, activateAt: 1_000 },
  pending: { ...five, createdAt: 2_000 },
  previous: { epoch: 7, digest: "0123456789abcdef" },
};

test("a layout state survives being written and read, in at most 4 KB", () => {
  const text = serialiseLayoutState(state);
  expect(parseLayoutState(text)).toEqual(state);
  expect(text.length).toBeLessThan(4096);
  const calm: LayoutState = { ...state, pending: undefined, previous: undefined };
  expect(parseLayoutState(serialiseLayoutState(calm))).toEqual(calm);
});

type Edit = (fields: Record<string, Record<string, unknown>>) => void;

test.each<[string, Edit]>([
  ["v", (f) => Object.assign(f, { v: 2 })],
  ["floor", (f) => Object.assign(f, { floor: 8 })],
  ["floor", (f) => Object.assign(f, { floor: -1 })],
  ["source", (f) => delete f["source"]],
  ["source.replicas", (f) => Object.assign(f["source"]!, { replicas: "5" })],
  ["source.uid", (f) => delete f["source"]!["uid"]],
  ["active", (f) => Object.assign(f, { active: null })],
  ["active.activateAt", (f) => delete f["active"]!["activateAt"]],
  ["active.activateAt", (f) => Object.assign(f["active"]!, { activateAt: 0.5 })],
  ["active.slots", (f) => Object.assign(f["active"]!, { slots: "*" })],
  ["slots", (f) => Object.assign(f["active"]!, { slots: "AAAA" })],
  ["slots", (f) => Object.assign(f["active"]!, { members: ["0", "1"] })],
  ["active.digest", (f) => Object.assign(f["active"]!, { members: ["0", "1", "7"] })],
  ["active.digest", (f) => Object.assign(f["active"]!, { digest: "0" })],
  ["members", (f) => Object.assign(f["active"]!, { members: ["0", "1", "1"] })],
  ["members", (f) => Object.assign(f["active"]!, { members: [] })],
  ["members", (f) => Object.assign(f["active"]!, { members: ["0", "1", ""] })],
  ["active.members[1]", (f) => Object.assign(f["active"]!, { members: ["0", 1, "2"] })],
  ["active.members", (f) => Object.assign(f["active"]!, { members: "0,1,2" })],
  ["hash", (f) => Object.assign(f["active"]!, { hash: "" })],
  ["epoch", (f) => Object.assign(f["active"]!, { epoch: 0 })],
  ["pending", (f) => Object.assign(f, { pending: [] })],
  ["pending", (f) => delete f["pending"]],
  ["pending.epoch", (f) => Object.assign(f, { pending: { ...f["active"], createdAt: 1 } })],
  ["previous.epoch", (f) => Object.assign(f["previous"]!, { epoch: 8 })],
  ["previous.digest", (f) => Object.assign(f["previous"]!, { digest: 7 })],
])("a state with a bad %s is refused by that name", (part, edit) => {
  const fields = JSON.parse(serialiseLayoutState(state)) as Parameters<Edit>[0];
  edit(fields);
  expect(() => parseLayoutState(JSON.stringify(fields))).toThrow(
    expect.objectContaining({ code: "LAYOUT_INVALID", context: { part } }),
  );
});

test.each(["", "{", "null", "[]", "7"])("%j is no layout state", (text) => {
  expect(() => parseLayoutState(text)).toThrow(
    expect.objectContaining({ code: "LAYOUT_INVALID", context: { part: "annotation" } }),
  );
});

test("a layout with an unknown hash is readable: its worker has to say that it does not support it", () => {
  const strange = firstLayout(8, ["0"], "sip64");
  const text = serialiseLayoutState({ ...state, active: { ...strange, activateAt: 0 } });
  expect(parseLayoutState(text).active.hash).toBe("sip64");
});

test("the digest tells layouts apart that differ in any field, and nothing else", () => {
  const parts: Layout = { ...three, slots: Uint8Array.from(three.slots) };
  expect(makeLayout(parts).digest).toBe(three.digest);
  const others = [
    { epoch: 9 },
    { hash: "xxh64" },
    { table: "slots-v2" },
    { members: ["0", "1", "3"] },
    { slots: plainSlots(2) },
  ].map((change) => makeLayout({ ...parts, ...change }).digest);
  expect(new Set([...others, three.digest]).size).toBe(6);
});

test.each([0, 256])("there is no layout of %d members", (count) => {
  const members = Array.from({ length: count }, (_, index) => String(index));
  expect(() => firstLayout(1, members, "fnv1a64")).toThrow(
    expect.objectContaining({ code: "LAYOUT_INVALID" }),
  );
});

test("growing and shrinking again leads back to the same owners", () => {
  const back = nextLayout(five, 10, ["0", "1", "2"]);
  expect(back.slots).toEqual(three.slots);
  expect(back.digest).not.toBe(three.digest);
});

test("when the ordinals start at 1, the newcomer takes the place of 0 and nothing else moves", () => {
  const shifted = nextLayout(three, 9, ["1", "2", "3"]);
  expect(shifted.members).toEqual(["3", "1", "2"]);
  expect(shifted.slots).toEqual(three.slots);
});

test("a survivor whose index is above the new number of members keeps its slots under a free one", () => {
  const halved = nextLayout(five, 10, ["1", "4"]);
  expect(halved.members).toEqual(["4", "1"]);
  for (const survivor of ["1", "4"])
    expect(ownedSlots(five, survivor)).toEqual(
      ownedSlots(five, survivor).map((owned, slot) => owned & ownedSlots(halved, survivor)[slot]!),
    );
});

const ordinals = fc.uniqueArray(fc.integer({ min: 0, max: 20 }).map(String), {
  minLength: 1,
  maxLength: 12,
});

test("between any sets of members, slots move only from leavers or to newcomers, and shares stay even", () => {
  fc.assert(
    fc.property(ordinals, ordinals, ordinals, (first, second, third) => {
      let layout = firstLayout(1, first, "fnv1a64");
      for (const desired of [second, third]) {
        const next = nextLayout(layout, layout.epoch + 1, desired);
        expect(hasMembers(next, desired)).toBe(true);
        layout.slots.forEach((owner, slot) => {
          const [from, to] = [layout.members[owner]!, next.members[next.slots[slot]!]!];
          expect(from === to || !desired.includes(from) || !layout.members.includes(to)).toBe(true);
        });
        const shares = desired.map((member) => ownedSlots(next, member).filter(Boolean).length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        layout = next;
      }
    }),
  );
});

test("what one member gains another loses, so that all gains add up to what moves", () => {
  const gained = five.members.map((member) => gainedSlots(three, five, member));
  const lost = three.members.map((member) => gainedSlots(five, three, member));
  const sum = (masks: Uint8Array[], slot: number): number =>
    masks.reduce((total, mask) => total + mask[slot]!, 0);
  for (let slot = 0; slot < slotCount; slot++) expect(sum(gained, slot)).toBe(sum(lost, slot));
});

test("without a layout before, a member gains all that it owns", () => {
  expect(gainedSlots(undefined, three, "1")).toEqual(ownedSlots(three, "1"));
  expect(ownedSlots(three, "9")).toEqual(new Uint8Array(slotCount));
  expect(indexOf(three, "9")).toBe(-1);
});
