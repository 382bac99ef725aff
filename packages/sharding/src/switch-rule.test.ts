import { expect, test } from "vitest";
import type { LayoutState } from "./layout-state.ts";
import { firstLayout, nextLayout } from "./next-layout.ts";
import {
  decideEpoch,
  epochsToAsk,
  type ShardProgress,
  type ShownVersions,
  type SwitchInput,
} from "./switch-rule.ts";

const two = firstLayout(1, ["0", "1"], "fnv1a64");
const three = nextLayout(two, 2, ["0", "1", "2"]);
const state: LayoutState = {
  v: 1,
  floor: 2,
  source: { uid: "set", generation: 2, start: 0, replicas: 3 },
  active: { ...three, activateAt: 100_000 },
  pending: undefined,
  previous: { epoch: 1, digest: two.digest },
};

function shard(epochs: readonly number[], pods: string): ShardProgress {
  return { epochs, covered: new Map([["pods", pods]]) };
}

function answeredBy(
  first: ShownVersions,
  second: ShownVersions,
): Map<string, Map<string, ShownVersions>> {
  return new Map([
    ["0", new Map([["pods", first]])],
    ["1", new Map([["pods", second]])],
  ]);
}

/** Both old shards are alive, far ahead of what the last answer showed; `gainer` is shard 2. */
function decide(gainer: ShardProgress | undefined, change: Partial<SwitchInput> = {}): object {
  const shards = new Map([
    ["0", shard([1, 2], "500")],
    ["1", shard([1, 2], "500")],
  ]);
  if (gainer !== undefined) shards.set("2", gainer);
  const answered = answeredBy({ reached: "99" }, { reached: "120" });
  return decideEpoch({ serving: two, state, answered, shards, wall: 96_000, ...change });
}

const stay = { epoch: 1, unproven: false };
const move = { epoch: 2, unproven: false, waitingFor: [] };

test("both epochs are asked for during a change, one otherwise", () => {
  expect(epochsToAsk(undefined, state)).toEqual([2]);
  expect(epochsToAsk(two, state)).toEqual([1, 2]);
  expect(epochsToAsk(three, state)).toEqual([2]);
  expect(epochsToAsk(nextLayout(three, 3, ["0"]), state)).toEqual([2]);
});

test("the epoch changes when the gainer has all that the last answer showed, even before the activation", () => {
  expect(decide(shard([2], "119"))).toEqual({ ...stay, waitingFor: ["pods of shard 2"] });
  expect(decide(shard([2], "120"))).toEqual(move);
  expect(decide(shard([2], "1000"))).toEqual(move);
});

test("what counts is what was shown in the slots that move, where the losers say so", () => {
  const shown = (version: string): ShownVersions => ({
    reached: "900",
    shown: new Map([["2", version]]),
  });
  const answered = answeredBy(shown("30"), shown("41"));
  expect(decide(shard([2], "41"), { answered })).toEqual(move);
  expect(decide(shard([2], "40"), { answered })).toMatchObject(stay);
});

test("where a list was being read, only what the losers say of the slots that move counts: nothing else bounds what was shown", () => {
  const listing = { reached: undefined };
  const answered = answeredBy({ reached: "99" }, listing);
  expect(decide(shard([2], "999999"), { answered })).toMatchObject(stay);
  const shown = { ...listing, shown: new Map([["2", "41"]]) };
  expect(decide(shard([2], "99"), { answered: answeredBy({ reached: "99" }, shown) })).toEqual(
    move,
  );
});

test("a loser that died counts with what the last answer showed of it", () => {
  const shards = new Map([
    ["0", shard([1, 2], "500")],
    ["1", shard([2], "500")],
    ["2", shard([2], "110")],
  ]);
  expect(decide(undefined, { shards })).toMatchObject(stay);
});

test("shards between which nothing moves do not wait for each other", () => {
  const shards = new Map([
    ["0", shard([1, 2], "7")],
    ["1", shard([1, 2], "8")],
    ["2", shard([2], "120")],
  ]);
  expect(decide(undefined, { shards })).toEqual(move);
});

test("it does not change before every member has answered the new epoch", () => {
  expect(decide(undefined)).toMatchObject({ ...stay, waitingFor: ["shard 2", "pods of shard 2"] });
  expect(decide(shard([1], "500"))).toEqual({ ...stay, waitingFor: ["shard 2"] });
});

test("a reflector that the gainer does not have covers nothing", () => {
  const gainer = { epochs: [2], covered: new Map<string, string>() };
  expect(decide(gainer)).toEqual({ ...stay, waitingFor: ["pods of shard 2"] });
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
  const serving = nextLayout(three, 5, ["0", "1"]);
  expect(decide(undefined, { serving })).toEqual({ ...move, epoch: 5 });
});
