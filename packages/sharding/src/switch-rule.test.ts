import { expect, test } from "vitest";
import type { LayoutState } from "./layout-state.ts";
import { firstLayout, nextLayout } from "./next-layout.ts";
import { decideEpoch, epochsToAsk, type ShardHandover, type SwitchInput } from "./switch-rule.ts";

const two = firstLayout(1, ["0", "1"], "fnv1a64");
const state: LayoutState = {
  v: 1,
  floor: 2,
  source: { uid: "set", generation: 2, start: 0, replicas: 3 },
  active: { ...nextLayout(two, 2, ["0", "1", "2"]), activateAt: 100_000 },
  pending: undefined,
  previous: { epoch: 1, digest: two.digest },
};

/** A shard with one reflector, `pods`. */
function shard(
  epochs: readonly number[],
  covered: string,
  shown: Record<string, string> = {},
): ShardHandover {
  const pods = { covered, shown: new Map(Object.entries(shown)) };
  return { epochs, reflectors: new Map([["pods", pods]]) };
}

function decide(gainer: ShardHandover | undefined, change: Partial<SwitchInput> = {}): object {
  const shards = new Map<string, ShardHandover>([
    ["0", shard([1, 2], "500", { "2": "99" })],
    ["1", shard([1, 2], "500", { "2": "120" })],
  ]);
  if (gainer !== undefined) shards.set("2", gainer);
  return decideEpoch({ serving: 1, state, shards, wall: 96_000, ...change });
}

const stay = { epoch: 1, unproven: false };
const move = { epoch: 2, unproven: false, waitingFor: [] };

test("both epochs are asked for during a change, one otherwise", () => {
  expect(epochsToAsk(undefined, state)).toEqual([2]);
  expect(epochsToAsk(1, state)).toEqual([1, 2]);
  expect(epochsToAsk(2, state)).toEqual([2]);
  expect(epochsToAsk(3, state)).toEqual([2]);
});

test("the epoch changes when the gainer has everything that the losers have shown, even before the activation", () => {
  expect(decide(shard([2], "119"))).toEqual({ ...stay, waitingFor: ["pods of shard 2"] });
  expect(decide(shard([2], "120"))).toEqual(move);
  expect(decide(shard([2], "1000"))).toEqual(move);
});

test("it does not change before every member can answer the new epoch", () => {
  expect(decide(undefined)).toEqual({ ...stay, waitingFor: ["shard 2"] });
  expect(decide(shard([1], "500"))).toEqual({ ...stay, waitingFor: ["shard 2"] });
});

test("a reflector that the gainer does not have covers nothing", () => {
  expect(decide({ epochs: [2], reflectors: new Map() })).toEqual({
    ...stay,
    waitingFor: ["pods of shard 2"],
  });
});

test("shortly before the old views are gone it changes anyway, and says that nothing proves it", () => {
  const behind = shard([2], "7");
  expect(decide(behind, { wall: 124_999 })).toMatchObject(stay);
  expect(decide(behind, { wall: 125_000 })).toMatchObject({ epoch: 2, unproven: true });
});

test("a coordinator that has missed a whole change does not wait: the views it knows are gone", () => {
  const skipped = { ...state, previous: { epoch: 7, digest: two.digest } };
  expect(decide(shard([2], "7"), { state: skipped })).toMatchObject({ epoch: 2, unproven: true });
});

test("the first answer is of the committed epoch", () => {
  expect(decide(undefined, { serving: undefined })).toEqual(move);
});

test("an epoch never goes back", () => {
  expect(decide(undefined, { serving: 5 })).toEqual({ ...move, epoch: 5 });
});
