import { directoryRow, MetricsStore, mostGroupRows } from "@kube-state-mosaic/store";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RowIndex, type IndexedAnswer } from "./row-index.ts";

const shards = 3;
const names = 60;

/** What one shard holds: objects of each name, which it may keep after their end, or not have yet. */
class ShardModel {
  readonly store: MetricsStore = new MetricsStore(1, { youngRows: 4, gatherAfter: 0 });
  incarnation = "0";

  answer(ordinal: number): IndexedAnswer {
    return {
      ordinal: String(ordinal),
      answer: {
        manifest: {
          identity: { shard: ordinal, totalShards: shards, hash: "jump", epoch: 1 },
          incarnation: this.incarnation,
          token: 1,
          epochs: [1],
          digest: "",
          resources: [{ name: "pods", rows: 0, families: [] }],
          reflectors: [],
          counters: [],
        },
        directories: [this.store.directories()],
      },
    };
  }
}

type Step = [shard: number, name: number, action: "put" | "delete" | "gather" | "restart" | "away"];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.nat(shards - 1),
  fc.nat(names - 1),
  fc.oneof(
    { weight: 20, arbitrary: fc.constant("put" as const) },
    { weight: 12, arbitrary: fc.constant("delete" as const) },
    fc.constantFrom("gather" as const, "restart" as const, "away" as const),
  ),
);

interface Held {
  readonly name: string;
  readonly version: number;
}

/** All rows of the shards that are there, by their UID's hash. */
function rowsOf(answers: readonly IndexedAnswer[]): Map<number, Held> {
  const rows = new Map<number, Held>();
  for (const { answer } of answers)
    for (const block of answer.directories.flat())
      for (let slot = 0; slot < mostGroupRows; slot++) {
        const row = directoryRow(block.deflated(), slot);
        if (row === undefined) continue;
        expect(rows.has(row.uidHash)).toBe(false);
        rows.set(row.uidHash, { name: `${row.nameHigh}:${row.nameLow}`, version: row.version });
      }
  return rows;
}

/** UIDs of rows that are to be left out. */
function leftOut(index: RowIndex, answers: readonly IndexedAnswer[]): Set<number> {
  const out = new Set<number>();
  for (const { ordinal, answer } of answers)
    for (const block of answer.directories.flat()) {
      const targets = index.targets(ordinal, block.group ?? 0, 1);
      for (let slot = 0; slot < mostGroupRows; slot++) {
        const row = directoryRow(block.deflated(), slot);
        if (row !== undefined && targets?.[slot] === -1) out.add(row.uidHash);
      }
    }
  return out;
}

test("after any births, deaths, gatherings, restarts and absences, exactly the rows with a newer namesake are left out, for ever", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 300 }), (steps) => {
      const index = new RowIndex();
      const models = Array.from({ length: shards }, () => new ShardModel());
      const dead = new Set<number>();
      let version = 0;
      let away = -1;
      for (const [shard, name, action] of steps) {
        const model = models[shard]!;
        version++;
        if (action === "put" || action === "delete") {
          // Each birth is another object; the shard's own earlier one of that name ends with it.
          for (const uid of heldUids.get(model)?.get(name) ?? []) model.store.delete(uid);
          const uids = heldUids.get(model) ?? new Map<number, string[]>();
          heldUids.set(model, uids);
          uids.delete(name);
        }
        if (action === "put") {
          const uid = `object ${version}`;
          heldUids.get(model)?.set(name, [uid]);
          model.store.set({
            uid,
            namespace: "n",
            name: `pod-${name}`,
            resourceVersion: String(version),
            texts: ["a 1\n"],
            departure: 0,
          });
        }
        if (action === "gather") model.store.maintain();
        if (action === "restart") model.incarnation += "0";
        away = action === "away" ? shard : -1;
        const answers = models.map((one, at) => one.answer(at)).filter((_, at) => at !== away);
        index.update(answers, 0);
        const rows = rowsOf(answers);
        for (const [uid, row] of rows)
          for (const other of rows.values())
            if (other.name === row.name && other.version > row.version) dead.add(uid);
        const expected = new Set([...rows.keys()].filter((uid) => dead.has(uid)));
        expect(leftOut(index, answers)).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});

/** By shard and name. */
const heldUids = new WeakMap<ShardModel, Map<number, string[]>>();

test("the dead are forgotten five minutes after the last shard that showed them", () => {
  const [first, second] = [new ShardModel(), new ShardModel()];
  const put = (model: ShardModel, uid: string, version: number): void => {
    const name = uid === "z" ? "z" : "a";
    const row = { uid, namespace: "n", name, resourceVersion: String(version) };
    model.store.set({ ...row, texts: [""], departure: 0 });
  };
  put(first, "x", 1);
  put(second, "y", 2);
  const index = new RowIndex();
  const answers = (): IndexedAnswer[] => [first.answer(0), second.answer(1)];
  expect(index.update(answers(), 0).rowsCut).toBe(1);
  first.store.delete("x");
  second.store.delete("y");
  index.update(answers(), 1_000);
  put(first, "x", 1);
  index.update(answers(), 200_000);
  expect(leftOut(index, answers()).size).toBe(1);
  first.store.delete("x");
  put(first, "z", 3);
  index.update(answers(), 500_001);
  put(first, "x", 1);
  index.update(answers(), 500_002);
  expect(leftOut(index, answers()).size).toBe(0);
});

test("40,000 names of two resources are told apart, and each is found again", () => {
  const storeOf = (prefix: string, version: number): MetricsStore => {
    const store = new MetricsStore(1);
    for (let name = 0; name < 20_000; name++) {
      const row = { uid: `${prefix}${name}`, namespace: "", name: `n${name}` };
      store.set({ ...row, resourceVersion: String(version), texts: [""], departure: 0 });
    }
    return store;
  };
  const resources = ["pods", "nodes"].map((name) => ({ name, rows: 0, families: [] }));
  const answerOf = (ordinal: number, store: MetricsStore): IndexedAnswer => {
    const { answer } = new ShardModel().answer(ordinal);
    const manifest = { ...answer.manifest, resources };
    const directories = [store.directories(), store.directories()];
    return { ordinal: String(ordinal), answer: { manifest, directories } };
  };
  const first = answerOf(0, storeOf("u", 5));
  const index = new RowIndex();
  expect(index.update([first], 0)).toEqual({ duplicates: new Set(), rowsCut: 0 });
  const second = answerOf(1, storeOf("v", 6));
  expect(index.update([first, second], 0)).toEqual({ duplicates: new Set(), rowsCut: 40_000 });
});
