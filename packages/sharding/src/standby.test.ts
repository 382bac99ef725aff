import { expect, test } from "vitest";
import type { LayoutState } from "./layout-state.ts";
import { firstLayout, nextLayout } from "./next-layout.ts";
import { noStandby, plannerRank, standBy, type Standby, type StandbyInput } from "./standby.ts";

const ordinals = ["0", "1", "2", "3", "4"];
const first = firstLayout(1, ordinals, "fnv1a64");
const stable: LayoutState = {
  v: 1,
  floor: 1,
  source: { uid: "set", generation: 1, start: 0, replicas: 5 },
  active: { ...first, activateAt: 0 },
  pending: undefined,
  previous: undefined,
};
const grown = nextLayout(first, 2, [...ordinals, "5"]);
const pending: LayoutState = { ...stable, floor: 2, pending: { ...grown, createdAt: 0 } };

function statefulSet(replicas: number, generation: number) {
  return { uid: "set", generation, start: 0, replicas, deleting: false };
}

/** A worker over time. */
class Worker {
  #input: StandbyInput;
  #standby: Standby = noStandby;

  constructor(rank: number, change: Partial<StandbyInput> = {}) {
    this.#input = {
      rank,
      stored: stable,
      known: stable,
      statefulSet: statefulSet(5, 1),
      freshBefore: 0,
      now: 0,
      ...change,
    };
  }

  /** Whether it follows the members `seconds` later, looking twice a second as workers do. */
  follows(seconds: number, change: Partial<StandbyInput> = {}): boolean {
    for (let tick = 0; tick <= seconds * 2; tick++) {
      const now = this.#input.now + (tick === 0 ? 0 : 500);
      this.#input = { ...this.#input, ...change, now };
      this.#standby = standBy(this.#standby, this.#input);
    }
    return this.#standby.followingSince !== undefined;
  }
}

test.each([0, 1])("a worker of rank %d follows the members at any time", (rank) => {
  expect(new Worker(rank).follows(0)).toBe(true);
  expect(new Worker(rank, { stored: undefined, statefulSet: undefined }).follows(0)).toBe(true);
});

test("another one does not, as long as there is nothing to plan", () => {
  expect(new Worker(2).follows(3_600)).toBe(false);
});

test.each<[string, Partial<StandbyInput>]>([
  ["a wish that no layout answers", { statefulSet: statefulSet(6, 2) }],
  ["a pending layout", { stored: pending, known: pending }],
  ["no layout at all", { stored: undefined, known: undefined }],
  ["a layout that is lost", { stored: undefined }],
  ["a layout that went back", { stored: stable, known: pending }],
])("%s of 10 s and i × 2 s makes the one of rank i follow them", (_, change) => {
  for (const rank of [2, 3, 9]) {
    const worker = new Worker(rank);
    worker.follows(60);
    expect(worker.follows(9.5 + rank * 2, change)).toBe(false);
    expect(worker.follows(1)).toBe(true);
  }
});

test("what others do in time makes nobody else follow: each step is a new need", () => {
  const worker = new Worker(2);
  expect(worker.follows(8, { statefulSet: statefulSet(6, 2) })).toBe(false);
  expect(worker.follows(8, { stored: pending, known: pending })).toBe(false);
  const done = { ...pending, active: { ...grown, activateAt: 0 }, pending: undefined };
  expect(worker.follows(600, { stored: done, known: done })).toBe(false);
});

test.each<[string, Partial<StandbyInput>]>([
  ["is not there", { statefulSet: undefined }],
  ["is being deleted", { statefulSet: { ...statefulSet(6, 2), deleting: true } }],
  ["wants nobody", { statefulSet: statefulSet(0, 2) }],
])("a StatefulSet that %s is nothing to plan", (_, change) => {
  expect(new Worker(2, change).follows(600)).toBe(false);
});

test("one that sees two of lower rank alive leaves it to them, once it can tell, and looks again later", () => {
  const worker = new Worker(4, { stored: pending, known: pending, freshBefore: 2 });
  expect(worker.follows(18)).toBe(true);
  expect(worker.follows(39.5)).toBe(true);
  expect(worker.follows(0.5)).toBe(false);
  expect(worker.follows(130)).toBe(false);
  expect(worker.follows(10)).toBe(true);
});

test("one that sees none or one of lower rank alive stays until it is done", () => {
  for (const freshBefore of [0, 1]) {
    const worker = new Worker(3, { stored: pending, known: pending, freshBefore });
    expect(worker.follows(600)).toBe(true);
    expect(worker.follows(0, { stored: stable, known: stable })).toBe(false);
  }
});

test.each([
  ["a member of the active layout, by its index", pending, "3", 3],
  ["a newcomer, after all of them", pending, "5", 5],
  ["one in neither of the layouts, after all", pending, "6", 6],
  ["one in neither, of other ordinals", pending, "100", 100],
  ["anybody before there is a layout, by ordinal", undefined, "2", 2],
])("the rank of %s", (...row) => {
  const [, state, ordinal, rank] = row;
  expect(plannerRank(state, ordinal, 0)).toBe(rank);
});

test("members of a StatefulSet that begins at another ordinal have low ranks too", () => {
  expect(plannerRank(undefined, "101", 100)).toBe(1);
  expect(plannerRank(stable, "101", 100)).toBe(5);
});
