import { expect, test } from "vitest";
import { HotBudget, MetricsStore, type Row } from "../src/index.ts";
import { families, linesOf, linesOfModel, Pair, rowOf, uidOf } from "./store-model.ts";

const rounds = 50;
const operationsARound = 20_000;
const objects = 400;

/** Numerical Recipes' generator: the same million operations each time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("after a million operations with snapshots the store equals its model, and nothing is left once all is deleted", () => {
  const random = randomFrom(1);
  const budget = new HotBudget(100_000);
  let now = 0;
  const settings = { groupRows: 16, youngRows: 4, budget, clock: () => now, gatherAfter: 500 };
  const pair = new Pair(new MetricsStore(families, settings));
  let version = 0;
  for (let round = 0; round < rounds; round++) {
    for (let done = 0; done < operationsARound; done++) step();
    expect(linesOf(pair.store.snapshot())).toEqual(linesOfModel(pair.model));
    expect(pair.store.sizes().hotBytes).toBe(budget.bytes);
  }
  expect(pair.model.rows).toBeGreaterThan(objects / 4);
  expect(linesOf(pair.store.snapshot())).toEqual(linesOfModel(pair.model));
  for (const uid of pair.model.uids) pair.apply({ kind: "delete", uid });
  expect(pair.store.sizes()).toEqual(new MetricsStore(families, settings).sizes());
  expect(pair.store.snapshot().families.flat()).toEqual([]);
  expect(budget.bytes).toBe(0);

  function step(): void {
    now++;
    const number = random(objects);
    const what = random(1000);
    if (what < 800) pair.apply({ kind: "set", row: row(number) });
    else if (what < 900) pair.apply({ kind: "delete", uid: uidOf(number) });
    else if (what < 990)
      pair.apply({ kind: "has", uid: uidOf(number), resourceVersion: String(version) });
    else if (what === 990)
      pair.apply({ kind: (["begin", "end", "abort"] as const)[random(3)] ?? "end" });
    else if (what < 995) pair.apply({ kind: "maintain" });
    else if (what < 997) pair.apply({ kind: "snapshot" });
  }

  function row(number: number): Row {
    return rowOf(number, {
      name: random(20) === 0 ? random(objects) : number,
      version: random(50) === 0 ? version - random(100) : ++version,
      shape: [1, random(2), random(30) === 0 ? 3 : 0, 1, number % 2],
      departure: number % 3,
    });
  }
}, 60_000);
