import { expect, test } from "vitest";
import type { LayoutState } from "./layout-state.ts";
import { firstLayout, nextLayout } from "./next-layout.ts";
import { mayLeave, terminationOf } from "./termination.ts";
import {
  adopt,
  answerableEpochs,
  defaultView,
  isPodReady,
  noLayouts,
  reportedViews,
  retire,
  setSynced,
  type WorkerLayouts,
} from "./worker-layouts.ts";

const source = { uid: "set", generation: 1, start: 0, replicas: 2 };
const two = firstLayout(1, ["0", "1"], "fnv1a64");
const three = nextLayout(two, 2, ["0", "1", "2"]);
const four = nextLayout(two, 3, ["0", "1", "2", "3"]);
const one = nextLayout(two, 2, ["0"]);

const settled: LayoutState = {
  v: 1,
  floor: 1,
  source,
  active: { ...two, activateAt: 0 },
  pending: undefined,
  previous: undefined,
};
const pending: LayoutState = { ...settled, floor: 2, pending: { ...three, createdAt: 1 } };
const committed: LayoutState = {
  ...settled,
  floor: 2,
  active: { ...three, activateAt: 100_000 },
  previous: { epoch: 1, digest: two.digest },
};
const cancelled: LayoutState = { ...pending, pending: undefined };
const replaced: LayoutState = { ...pending, floor: 3, pending: { ...four, createdAt: 2 } };
const shrinking: LayoutState = { ...settled, floor: 2, pending: { ...one, createdAt: 1 } };
const shrunk: LayoutState = { ...committed, active: { ...one, activateAt: 100_000 } };

/** Adopts one state after the other; every view gets synced unless told otherwise. */
function through(states: readonly LayoutState[], unsynced: readonly number[] = []): WorkerLayouts {
  let layouts = noLayouts;
  for (const state of states) {
    const adoption = adopt(layouts, state);
    layouts = adoption.layouts;
    for (const { epoch } of adoption.build)
      if (!unsynced.includes(epoch)) layouts = setSynced(layouts, epoch, true);
  }
  return layouts;
}

function epochsOf({ views }: WorkerLayouts): number[] {
  return views.map(({ layout }) => layout.epoch);
}

test("a worker builds the active layout and, beside it, the pending one", () => {
  const adoption = adopt(noLayouts, pending);
  expect(adoption).toMatchObject({ verdict: "adopted", drop: [] });
  expect(adoption.build.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(answerableEpochs(adoption.layouts)).toEqual([]);
});

test("a view goes from building over ready and serving to gone, and the old one is answered until the grace is over", () => {
  let layouts = through([settled, pending], [2]);
  expect(reportedViews(layouts, 50_000)).toEqual(
    new Map([
      [1, "serving"],
      [2, "building"],
    ]),
  );
  layouts = setSynced(layouts, 2, true);
  expect(reportedViews(layouts, 50_000).get(2)).toBe("ready");
  layouts = adopt(layouts, committed).layouts;
  expect(defaultView(layouts, 99_999)?.layout.epoch).toBe(1);
  expect(defaultView(layouts, 100_000)?.layout.epoch).toBe(2);
  expect(reportedViews(layouts, 100_000)).toEqual(
    new Map([
      [1, "ready"],
      [2, "serving"],
    ]),
  );
  expect(answerableEpochs(layouts)).toEqual([1, 2]);
  expect(retire(layouts, 129_999).retired).toEqual([]);
  const after = retire(layouts, 130_000);
  expect(after.retired).toEqual([1]);
  expect(epochsOf(after.layouts)).toEqual([2]);
});

test("a worker answers the pending epoch before it has seen the commit", () => {
  expect(answerableEpochs(through([settled, pending]))).toEqual([1, 2]);
});

test("the work for a pending layout survives its commit, and is not asked for again", () => {
  expect(adopt(through([settled, pending]), committed).build).toEqual([]);
});

test("a layout that was replaced or cancelled is dropped", () => {
  const layouts = through([settled, pending]);
  const replacement = adopt(layouts, replaced);
  expect(replacement.drop).toEqual([2]);
  expect(replacement.build.map(({ epoch }) => epoch)).toEqual([3]);
  expect(adopt(layouts, cancelled)).toMatchObject({ drop: [2], build: [] });
});

test.each<[string, readonly LayoutState[], LayoutState]>([
  ["the state before a proposal", [settled, pending], settled],
  ["a proposal after its commit", [pending, committed], pending],
  ["a proposal after it was cancelled", [pending, cancelled], pending],
  ["a proposal after it was replaced", [pending, replaced], pending],
])("a late delivery of %s changes nothing", (_, states, late) => {
  const layouts = through(states);
  expect(adopt(layouts, late)).toMatchObject({ verdict: "older", layouts });
  expect(adopt(layouts, layouts.state!)).toMatchObject({ verdict: "unchanged", layouts });
});

test("the same epoch with another content is a conflict, and changes nothing", () => {
  const layouts = through([settled, pending]);
  expect(adopt(layouts, { ...shrunk, floor: 9 })).toMatchObject({ verdict: "conflict", layouts });
  expect(adopt(layouts, { ...shrinking, floor: 9 })).toMatchObject({ verdict: "conflict" });
});

test("a worker that starts between commit and activation serves nothing until then", () => {
  const layouts = through([committed]);
  expect(defaultView(layouts, 99_999)).toBeUndefined();
  expect(answerableEpochs(layouts)).toEqual([2]);
});

test("a pod is ready when it is synced for the newest layout that names it, committed or not", () => {
  expect(isPodReady(noLayouts, "0")).toBe(false);
  expect(isPodReady(through([pending], [2]), "2")).toBe(false);
  expect(isPodReady(through([pending]), "2")).toBe(true);
  expect(isPodReady(through([pending], [1]), "2")).toBe(true);
});

test("a pod that is no member is ready", () => {
  expect(isPodReady(through([settled], [1]), "7")).toBe(true);
});

const statefulSet = { ...source, deleting: false };

test.each<[string, Partial<Parameters<typeof terminationOf>[0]>]>([
  ["the ordinal is still wanted", { ordinal: "0" }],
  ["the StatefulSet is gone or cannot be read", { statefulSet: undefined }],
  ["the StatefulSet is being deleted", { statefulSet: { ...statefulSet, deleting: true } }],
  ["nothing is wanted any more", { statefulSet: { ...statefulSet, replicas: 0 } }],
  ["no layout names the worker", { ordinal: "9" }],
])("SIGTERM means a restart if %s", (_, change) => {
  const input = {
    layouts: through([settled]),
    ordinal: "1",
    statefulSet: { ...statefulSet, replicas: 1 },
    killedAt: 700_000,
    ...change,
  };
  expect(terminationOf(input)).toEqual({ kind: "restart" });
});

test.each<[string, string, number, number]>([
  ["above", "1", 0, 1],
  ["below", "0", 1, 1],
])("an ordinal %s the wanted range leaves, 5 s before it is killed at the latest", (...row) => {
  const [, ordinal, start, replicas] = row;
  const wanted = { ...statefulSet, start, replicas };
  const layouts = through([settled]);
  expect(terminationOf({ layouts, ordinal, statefulSet: wanted, killedAt: 700_000 })).toEqual({
    kind: "leave",
    deadline: 695_000,
  });
});

function leaves(ordinal: string, layouts: WorkerLayouts, wall: number): boolean {
  return mayLeave(retire(layouts, wall).layouts, { ordinal, deadline: 695_000 }, wall);
}

test("a leaver stays until the layout without it has been in force for the grace period", () => {
  const layouts = through([settled, shrinking, shrunk]);
  expect(leaves("1", through([settled, shrinking]), 90_000)).toBe(false);
  expect(leaves("1", layouts, 129_999)).toBe(false);
  expect(leaves("1", layouts, 130_000)).toBe(true);
});

test("a leaver exits at its deadline in any case", () => {
  expect(leaves("1", through([settled, shrinking]), 694_999)).toBe(false);
  expect(leaves("1", through([settled, shrinking]), 695_000)).toBe(true);
});

test("a member of a pending layout leaves when that is replaced or cancelled", () => {
  expect(leaves("2", through([settled, pending]), 10_000)).toBe(false);
  expect(leaves("2", through([settled, pending, cancelled]), 10_000)).toBe(true);
});
