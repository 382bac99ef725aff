import fc from "fast-check";
import { expect, test } from "vitest";
import { HotBudget, MetricsStore, type StoreSettings } from "./index.ts";
import {
  families,
  gunzipped,
  linesOf,
  linesOfModel,
  type Operation,
  Pair,
  rowOf,
  sortedLines,
  textOf,
  uidOf,
} from "../test/store-model.ts";

const shape = [1, 1, 0, 2, 1];

function storeOf(settings: StoreSettings = {}): MetricsStore {
  return new MetricsStore(families, {
    groupRows: 4,
    youngRows: 2,
    clock: () => 0,
    ...settings,
  });
}

function row(number: number, facts: Partial<Parameters<typeof rowOf>[1]> = {}) {
  return rowOf(number, { name: number, version: 1, shape, departure: 0, ...facts });
}

const anyRow = fc
  .record({
    number: fc.nat({ max: 11 }),
    name: fc.nat({ max: 11 }),
    version: fc.nat({ max: 12 }),
    shape: fc.array(fc.nat({ max: 2 }), { minLength: families, maxLength: families }),
    departure: fc.nat({ max: 2 }),
  })
  .map(({ number, ...facts }) => rowOf(number, facts));

const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: anyRow.map((r) => ({ kind: "set", row: r }) as const) },
  {
    weight: 2,
    arbitrary: fc.nat({ max: 11 }).map((n) => ({ kind: "delete", uid: uidOf(n) }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat({ max: 11 }), fc.nat({ max: 12 }))
      .map(([n, v]) => ({ kind: "has", uid: uidOf(n), resourceVersion: String(v) }) as const),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("begin", "end", "abort", "snapshot", "maintain")
      .map((kind) => ({ kind }) as const),
  },
);

test.each([
  ["with room for hot text", 1 << 20],
  ["with no room for hot text", 0],
])("after any operations, %s, the store shows what a map of rows would", (_, budget) => {
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 120 }), (operations) => {
      const hot = new HotBudget(budget);
      const pair = new Pair(storeOf({ budget: hot, gatherAfter: 0 }));
      for (const operation of operations) pair.apply(operation);
      const snapshot = pair.store.snapshot();
      expect(snapshot.rows).toBe(pair.model.rows);
      expect(linesOf(snapshot)).toEqual(linesOfModel(pair.model));
      expect(pair.store.sizes()).toMatchObject({ rows: pair.model.rows, hotBytes: hot.bytes });
      for (const uid of pair.model.uids) pair.apply({ kind: "delete", uid });
      expect(pair.store.snapshot()).toEqual({ rows: 0, families: [[], [], [], [], []] });
      expect(pair.store.sizes()).toEqual(storeOf().sizes());
      expect(hot.bytes).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("a snapshot, read late, shows what was held when it was taken", () => {
  fc.assert(
    fc.property(fc.array(anyOperation, { maxLength: 150 }), (operations) => {
      const pair = new Pair(storeOf({ gatherAfter: 0 }));
      const taken: { snapshot: ReturnType<MetricsStore["snapshot"]>; want: string[][] }[] = [];
      for (const operation of operations) {
        pair.apply(operation);
        if (operation.kind === "snapshot")
          taken.push({ snapshot: pair.store.snapshot(), want: linesOfModel(pair.model) });
      }
      for (const { snapshot, want } of taken.toReversed()) expect(linesOf(snapshot)).toEqual(want);
    }),
    { numRuns: 200 },
  );
});

test("rows of different departure classes are never in one block", () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
      const store = storeOf({ gatherAfter: 0 });
      for (const { departure, ...rest } of rows) {
        const texts = rest.texts.map(() => `departure${departure}\n`);
        store.set({ ...rest, texts, departure });
        store.maintain();
      }
      for (const blocks of store.snapshot().families)
        for (const block of blocks) expect(new Set(sortedLines(textOf(block))).size).toBe(1);
    }),
  );
});

test("a row whose departure class changes moves to a group of its new class", () => {
  const store = storeOf();
  for (const number of [0, 1]) store.set(row(number));
  store.set(row(0, { departure: 3, version: 2 }));
  const [blocks = []] = store.snapshot().families;
  expect(blocks.map((block) => sortedLines(textOf(block)).length)).toEqual([1, 1]);
});

test("a list that completes sweeps the rows that it did not contain", () => {
  const store = storeOf();
  for (const number of [0, 1, 2]) store.set(row(number));
  store.beginReplace();
  expect(store.hasVersion(uidOf(0), "1")).toBe(true);
  store.set(row(1, { version: 2 }));
  expect(store.snapshot().rows).toBe(3);
  expect(store.endReplace()).toBe(1);
  expect(store.snapshot().rows).toBe(2);
  expect(store.hasVersion(uidOf(2), "1")).toBe(false);
});

test("a list that breaks sweeps nothing, and its marks do not count for the next one", () => {
  const store = storeOf();
  for (const number of [0, 1]) store.set(row(number));
  store.beginReplace();
  store.hasVersion(uidOf(0), "1");
  store.abortReplace();
  expect(store.snapshot().rows).toBe(2);
  store.beginReplace();
  store.hasVersion(uidOf(1), "1");
  expect(store.endReplace()).toBe(1);
  expect(store.hasVersion(uidOf(0), "1")).toBe(false);
});

test("an end without a beginning throws and removes nothing", () => {
  const store = storeOf();
  store.set(row(0));
  expect(() => store.endReplace()).toThrow(
    expect.objectContaining({ code: "STORE_NOT_REPLACING" }),
  );
  expect(store.snapshot().rows).toBe(1);
});

test("a name under a new UID replaces the old UID's row in the same step", () => {
  const store = storeOf();
  store.set(row(0, { name: 7 }));
  store.set(row(1, { name: 7, version: 2 }));
  expect(store.snapshot().rows).toBe(1);
  expect(store.hasVersion(uidOf(0), "1")).toBe(false);
  expect(store.find("ns", "n7")).toEqual(row(1, { name: 7, version: 2 }).texts);
});

test.each([
  ["9", "10", "stale"],
  ["10", "10", "changed"],
  ["11", "10", "changed"],
  ["9007199254740992999", "9007199254740993000", "stale"],
  ["100000000000000000000", "99", "changed"],
  ["abc", "10", "changed"],
  ["10", "abc", "changed"],
] as const)("version %s after %s is %s", (version, held, outcome) => {
  const store = storeOf();
  store.set({ ...row(0), resourceVersion: held });
  expect(store.set({ ...row(0, { version: 2 }), resourceVersion: version })).toBe(outcome);
  expect(store.hasVersion(uidOf(0), outcome === "stale" ? held : version)).toBe(true);
});

test("a late event of an object whose name has a newer owner is stale", () => {
  const store = storeOf();
  store.set(row(1, { name: 7, version: 20 }));
  expect(store.set(row(0, { name: 7, version: 10 }))).toBe("stale");
  expect(store.hasVersion(uidOf(1), "20")).toBe(true);
});

test("a row of another number of families is refused and the old one stays", () => {
  const store = storeOf();
  store.set(row(0));
  expect(() => store.set({ ...row(0, { version: 2 }), texts: ["x\n"] })).toThrow(
    expect.objectContaining({ code: "STORE_ROW_SHAPE" }),
  );
  expect(store.find("ns", "n0")).toEqual(row(0).texts);
});

test.each([
  { groupRows: 0 },
  { groupRows: 129 },
  { groupRows: 1.5 },
  { youngRows: 0 },
  { level: 10 },
])("%o is refused", (settings) => {
  expect(() => storeOf(settings)).toThrow(expect.objectContaining({ code: "STORE_SETTINGS" }));
});

test("a store that has not changed answers the same snapshot, and unchanged families the same blocks", () => {
  const store = storeOf();
  for (const number of [0, 1, 2]) store.set(row(number));
  const before = store.snapshot();
  expect(store.snapshot()).toBe(before);
  store.set(row(1, { version: 2 }));
  const after = store.snapshot();
  expect(after).not.toBe(before);
  // The text of family 0 does not depend on the version.
  expect(after.families[0]).toBe(before.families[0]);
  expect(after.families[1]).not.toBe(before.families[1]);
});

test("a change touches only the blocks whose text differs, and gives them higher ids", () => {
  const store = storeOf();
  for (const number of [0, 1, 2, 3]) store.set(row(number));
  const before = store.snapshot().families.flat();
  store.set(row(1, { version: 2 }));
  const after = store.snapshot().families.flat();
  const highest = Math.max(...before.map(({ id }) => id));
  const fresh = after.filter((block) => !before.includes(block));
  // Two young groups; one of them changed, in the three families with text that tell the version.
  expect(fresh).toHaveLength(3);
  for (const { id } of fresh) expect(id).toBeGreaterThan(highest);
});

test("hot text beyond the budget is sealed at once, the oldest first, and shared among stores", () => {
  const budget = new HotBudget(400);
  const stores = [storeOf({ budget }), storeOf({ budget })];
  for (let number = 0; number < 40; number++) {
    stores[number % 2]?.set(row(number));
    expect(budget.bytes).toBeLessThanOrEqual(400);
  }
  expect(stores.map((store) => store.sizes().sealedBytes > 0)).toEqual([true, true]);
  expect(stores.reduce((sum, store) => sum + store.sizes().hotBytes, 0)).toBe(budget.bytes);
});

test("hot text of versions that nobody has read goes with the rows", () => {
  const budget = new HotBudget(1 << 20);
  const store = storeOf({ budget });
  store.set(row(0));
  const [first] = store.snapshot().families[1] ?? [];
  store.set(row(0, { version: 2 }));
  expect(budget.bytes).toBeGreaterThan(store.sizes().hotBytes);
  store.delete(uidOf(0));
  expect(budget.bytes).toBe(0);
  expect(first === undefined ? "" : textOf(first)).toBe(row(0).texts[1]);
});

test("quiet groups that were left half empty are gathered into full ones, with the same text", async () => {
  let now = 0;
  const store = storeOf({ clock: () => now, gatherAfter: 1000 });
  for (let number = 0; number < 32; number++) store.set(row(number));
  for (let number = 0; number < 32; number += 2) store.delete(uidOf(number));
  const want = linesOf(store.snapshot());
  const groups = store.sizes().groups;
  expect(store.maintain()).toBe(false);
  expect(store.sizes().groups).toBe(groups);
  now = 1001;
  while (store.maintain());
  expect(store.sizes().groups).toBe(4);
  expect(linesOf(store.snapshot())).toEqual(want);
  for (let number = 1; number < 32; number += 2)
    expect(store.hasVersion(uidOf(number), "1")).toBe(true);
  expect(sortedLines(await gunzipped(store.snapshot().families.flat()))).toEqual(
    want.flat().toSorted(),
  );
});

test("texts above 64 KB, and of characters of several bytes, are held and changed", () => {
  const store = storeOf();
  const long = "é日本\n".repeat(20_000);
  const texts = ["a\n", long, "", "b\n", "c\n"];
  store.set({ ...row(0), texts });
  store.set(row(1));
  expect(store.find("ns", "n0")).toEqual(texts);
  store.snapshot();
  store.set({ ...row(0, { version: 2 }), texts: ["a\n", "short\n", long, "b\n", ""] });
  expect(store.find("ns", "n0")).toEqual(["a\n", "short\n", long, "b\n", ""]);
  expect(store.find("ns", "n1")).toEqual(row(1).texts);
});

test("one store serves two views by departure class, and a class departs as a whole", () => {
  const store = storeOf();
  for (let number = 0; number < 12; number++) store.set(row(number, { departure: number % 3 }));
  const all = linesOf(store.snapshot());
  const staying = store.snapshotOf((departure) => departure !== 1);
  expect(staying.rows).toBe(8);
  expect(store.snapshotOf(() => true).families).toEqual(store.snapshot().families);
  const want = linesOf(staying);
  expect(want).not.toEqual(all);
  expect(store.depart((departure) => departure === 1)).toBe(false);
  expect(store.snapshot().rows).toBe(8);
  expect(linesOf(store.snapshot())).toEqual(want);
  expect(store.hasVersion(uidOf(1), "1")).toBe(false);
  expect(store.set(row(1, { departure: 2 }))).toBe("added");
});

test("departing goes on in slices until no group of the class is left", () => {
  const store = storeOf({ groupRows: 1, youngRows: 1 });
  for (let number = 0; number < 300; number++) store.set(row(number, { departure: number % 2 }));
  let slices = 1;
  while (store.depart((departure) => departure === 1)) slices++;
  expect(slices).toBe(2);
  expect(store.sizes()).toMatchObject({ rows: 150, groups: 150 });
});

test("an object that is listed but cannot be rendered keeps its row", () => {
  const store = storeOf();
  store.set(row(1));
  store.set(row(2));
  store.beginReplace();
  expect(store.keep(uidOf(1))).toBe(true);
  expect(store.keep("unknown")).toBe(false);
  expect(store.endReplace()).toBe(1);
  expect(store.sizes().rows).toBe(1);
});

test("after the server's versions went back, a lower version wins and is not taken for the one held", () => {
  const store = storeOf();
  store.set(row(1, { version: 900 }));
  store.beginReplace(true);
  expect(store.hasVersion(uidOf(1), "900")).toBe(false);
  expect(store.set(row(1, { version: 7 }))).toBe("changed");
  store.endReplace();
  expect(store.hasVersion(uidOf(1), "7")).toBe(true);
});

function linesIn(store: MetricsStore): string[] {
  const text = store.snapshot().families.flat().map(textOf).join("");
  return text.split("\n").toSorted();
}

test("rows move to the class of their hash slot, a group at a time, and every text stays", () => {
  const store = storeOf();
  const rows = Array.from({ length: 12 }, (_, number) => ({
    ...row(number),
    hashSlot: number % 3,
  }));
  for (const each of rows) store.set(each);
  const before = linesIn(store);
  let slices = 1;
  while (store.regroup(new Set([0]), (slot) => (slot === 1 ? 7 : 0))) slices++;
  expect(slices).toBeGreaterThan(1);
  expect(linesIn(store)).toEqual(before);
  expect(store.snapshotOf((departure) => departure === 7).rows).toBe(4);
  expect(store.snapshotOf((departure) => departure === 0).rows).toBe(8);
  store.set({ ...row(1, { version: 2 }), hashSlot: 1, departure: 7 });
  expect(store.version(uidOf(1))).toBe("2");
  expect(store.version("unknown")).toBeUndefined();
});

test("a row without any text is a row too, as soon as it is there", () => {
  const store = new MetricsStore(2);
  expect(store.snapshot().rows).toBe(0);
  store.set({ ...row(0), texts: ["", ""] });
  expect(store.snapshot().rows).toBe(1);
});
