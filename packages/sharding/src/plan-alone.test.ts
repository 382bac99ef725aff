import { expect, test } from "vitest";
import type { LayoutState } from "./layout-state.ts";
import { ownedSlots } from "./layout.ts";
import { planAlone, type LonePlanInput } from "./plan-alone.ts";

const set = (replicas: number, generation: number) => {
  return { uid: "set", generation, start: 0, replicas, deleting: false };
};
const input = (changes: Partial<LonePlanInput>): LonePlanInput => {
  const nothing = { statefulSet: undefined, state: undefined, epochs: [] };
  return { ...nothing, ordinal: "0", hash: "fnv1a64", wall: 1_000, ...changes };
};

/** Two replicas, then three: what worker 0 or 2 makes of it once it has what the new layout gives it. */
function grown(ordinal: string): LayoutState {
  const first = planAlone(input({ ordinal, statefulSet: set(2, 4) }))!;
  const pending = planAlone(input({ ordinal, statefulSet: set(3, 5), state: first }))!;
  expect(pending.active).toBe(first.active);
  return planAlone(
    input({ ordinal, statefulSet: set(3, 5), state: pending, epochs: [pending.pending!.epoch] }),
  )!;
}

test("the first layout is in force at once, under the StatefulSet's generation", () => {
  const state = planAlone(input({ statefulSet: set(2, 4) }))!;
  expect(state.active).toMatchObject({ epoch: 4, members: ["0", "1"], activateAt: 1_000 });
  expect(planAlone(input({ statefulSet: set(2, 4), state, epochs: [4] }))).toBeUndefined();
});

test("nothing is planned without a StatefulSet, for one that is being deleted, or for none of its pods", () => {
  for (const statefulSet of [undefined, { ...set(2, 4), deleting: true }, set(0, 4)])
    expect(planAlone(input({ statefulSet }))).toBeUndefined();
});

test("a gained share is built first and shown at once, a lost one is shown for a minute more", () => {
  const [loser, gainer] = [grown("0"), grown("2")];
  expect(loser.active.digest).toBe(gainer.active.digest);
  expect(loser.active.activateAt).toBe(61_000);
  expect(gainer.active.activateAt).toBe(1_000);
  expect(ownedSlots(gainer.active, "2").some((own) => own === 1)).toBe(true);
});

test("a pending layout waits until its share is there, and is replaced when the replicas change again", () => {
  const first = planAlone(input({ statefulSet: set(2, 4) }))!;
  const pending = planAlone(input({ statefulSet: set(3, 5), state: first }))!;
  expect(planAlone(input({ statefulSet: set(3, 5), state: pending, epochs: [4] }))).toBeUndefined();
  const other = planAlone(input({ statefulSet: set(4, 6), state: pending, epochs: [4] }))!;
  expect(other.pending).toMatchObject({ epoch: 6, members: ["0", "1", "2", "3"] });
  expect(other.active).toBe(first.active);
});
