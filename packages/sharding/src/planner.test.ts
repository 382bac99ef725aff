import { expect, test } from "vitest";
import type { LayoutState } from "./layout-state.ts";
import type { MemberReport, PlanInput, ReportedView, StatefulSetState } from "./plan-input.ts";
import { coverOf, noMemory, plan, type Plan } from "./planner.ts";

/** A wall clock so wrong that it never names an epoch: they are counted from 1 on. One test has a real one. */
const epochOfWall = -1_000_000_000;

function statefulSet(replicas: number, generation: number): StatefulSetState {
  return { uid: "set", generation, start: 0, replicas, deleting: false };
}

function member(
  ordinal: string,
  views: Record<number, ReportedView> = {},
  more: Partial<MemberReport> = {},
): MemberReport {
  const byEpoch = new Map(Object.entries(views).map(([epoch, view]) => [Number(epoch), view]));
  return { ordinal, liveness: "fresh", views: byEpoch, floor: 0, leaving: false, ...more };
}

function members(count: number, views: Record<number, ReportedView>): MemberReport[] {
  return Array.from({ length: count }, (_, index) => member(String(index), views));
}

/** A planner over time, on an input that changes bit by bit. What it writes is stored. */
class Planner {
  input: PlanInput;
  #memory = noMemory;

  constructor(replicas: number, change: Partial<PlanInput> = {}) {
    this.input = {
      stored: undefined,
      known: undefined,
      members: [],
      statefulSet: statefulSet(replicas, 1),
      confirmed: true,
      connectedSince: 0,
      rank: 0,
      hash: "fnv1a64",
      now: 100_000,
      wall: epochOfWall,
      ...change,
    };
  }

  /** Plans after `milliseconds`. */
  step(milliseconds: number, change: Partial<PlanInput> = {}): Plan {
    const now = this.input.now + milliseconds;
    this.input = { ...this.input, ...change, now, wall: this.input.wall + milliseconds };
    const result = plan(this.#memory, this.input);
    this.#memory = result.memory;
    const { write } = result;
    if (write !== undefined) this.input = { ...this.input, stored: write, known: write };
    return result;
  }

  get stored(): LayoutState {
    return this.input.stored!;
  }
}

/** Two members serve epoch 1, whose grace is over. */
function settled(replicas = 2): Planner {
  const planner = new Planner(replicas);
  planner.step(0);
  planner.step(60_000, { members: members(replicas, { 1: "serving" }) });
  return planner;
}

/** Epoch 2 with more members is pending. */
function growing(from: number, to: number): Planner {
  const planner = settled(from);
  planner.step(0, { statefulSet: statefulSet(to, 2) });
  planner.step(2_000);
  return planner;
}

test("the first layout is in force at once", () => {
  const planner = new Planner(3);
  expect(planner.step(0).reason).toBe("create");
  expect(planner.stored).toMatchObject({
    floor: 1,
    source: { uid: "set", generation: 1, start: 0, replicas: 3 },
    active: { epoch: 1, hash: "fnv1a64", members: ["0", "1", "2"], activateAt: epochOfWall },
    pending: undefined,
    previous: undefined,
  });
});

test("ordinals that start at 4 are members from 4 on", () => {
  const planner = new Planner(2, { statefulSet: { ...statefulSet(2, 1), start: 4 } });
  planner.step(0);
  expect(planner.stored.active.members).toEqual(["4", "5"]);
});

test.each<[string, StatefulSetState | undefined, string]>([
  ["without a StatefulSet", undefined, "no_statefulset"],
  ["for a StatefulSet being deleted", { ...statefulSet(3, 9), deleting: true }, "no_statefulset"],
  ["for 0 replicas", statefulSet(0, 9), "no_statefulset"],
  ["for more than 255 replicas", statefulSet(256, 9), "too_many_members"],
])("%s nothing is created and nothing is changed", (_, state, reason) => {
  expect(new Planner(1, { statefulSet: state }).step(10_000).reason).toBe(reason);
  const planner = settled();
  expect(planner.step(0, { statefulSet: state }).reason).toBe(reason);
  expect(planner.step(10_000)).toMatchObject({ reason });
  expect(planner.stored).toMatchObject({ floor: 1, pending: undefined });
});

test("another number of replicas is proposed when it has been the same for 2 s", () => {
  const planner = settled();
  expect(planner.step(0, { statefulSet: statefulSet(5, 2) }).reason).toBe("debounce");
  expect(planner.step(1_999, { statefulSet: statefulSet(4, 3) }).reason).toBe("debounce");
  expect(planner.step(1_999).reason).toBe("debounce");
  expect(planner.step(1).reason).toBe("propose");
  expect(planner.stored).toMatchObject({
    floor: 2,
    source: { generation: 3, replicas: 4 },
    active: { epoch: 1 },
    pending: { epoch: 2, members: ["0", "1", "2", "3"] },
  });
});

test("the first layout holds up no other: there is none before it whose grace has to pass", () => {
  const planner = new Planner(1);
  planner.step(0);
  planner.step(0, { members: members(1, { 1: "serving" }), statefulSet: statefulSet(3, 2) });
  expect(planner.step(2_000).reason).toBe("propose");
});

test("a proposal is written only from a StatefulSet read after the layout", () => {
  const planner = settled();
  planner.step(0, { statefulSet: statefulSet(5, 2), confirmed: false });
  expect(planner.step(2_000)).toMatchObject({ reason: "propose", confirm: true });
  expect(planner.stored.pending).toBeUndefined();
  expect(planner.step(0, { confirmed: true }).write?.pending?.epoch).toBe(2);
});

test("a StatefulSet older than the one that is answered changes nothing", () => {
  const planner = growing(2, 5);
  expect(planner.step(0, { statefulSet: statefulSet(3, 1) }).reason).toBe("stale_source");
  expect(planner.step(10_000).write).toBeUndefined();
});

test("a StatefulSet that was created anew counts whatever its generation is", () => {
  const planner = settled();
  const recreated = { ...statefulSet(3, 1), uid: "another" };
  planner.step(0, { statefulSet: recreated });
  expect(planner.step(2_000).reason).toBe("propose");
  expect(planner.stored.source.uid).toBe("another");
});

test("the planner of rank 2 acts 4 s later, and not at all if another one has acted", () => {
  const planner = settled();
  planner.step(0, { statefulSet: statefulSet(3, 2), rank: 2 });
  expect(planner.step(5_999).reason).toBe("debounce");
  expect(planner.step(1).reason).toBe("propose");
  expect(planner.step(10_000).reason).toBe("waiting_for_ready");
});

test("a layout is committed when fresh members cover all slots, 5 s before it is in force", () => {
  const planner = growing(2, 3);
  const ready = members(2, { 1: "serving", 2: "ready" });
  expect(planner.step(0, { members: [...ready, member("2", { 2: "building" })] }).reason).toBe(
    "waiting_for_ready",
  );
  const { active } = planner.stored;
  expect(planner.step(0, { members: [...ready, member("2", { 2: "ready" })] }).reason).toBe(
    "commit",
  );
  expect(planner.stored).toMatchObject({
    floor: 2,
    active: { epoch: 2, activateAt: planner.input.wall + 5_000 },
    pending: undefined,
    previous: { epoch: 1, digest: active.digest },
  });
  expect(planner.stored.active).not.toHaveProperty("createdAt");
});

test("a scale-up that cannot finish waits for ever on the complete old layout", () => {
  const planner = growing(2, 3);
  const ready = members(2, { 1: "serving", 2: "ready" });
  planner.step(0, { members: [...ready, member("2", {}, { liveness: "dead" })] });
  expect(planner.step(3_600_000).reason).toBe("waiting_for_ready");
});

test("slots that nobody serves any more do not hold up a commit, after 30 s without progress", () => {
  const planner = growing(3, 2);
  const gone = member("2", { 1: "serving" }, { liveness: "dead" });
  const one = member("0", { 1: "serving", 2: "ready" }, { liveness: "dead" });
  const other = member("1", { 1: "serving", 2: "ready" });
  planner.step(0, { members: [one, other, gone] });
  expect(planner.step(29_999).reason).toBe("waiting_for_ready");
  expect(planner.step(1).reason).toBe("commit");
});

test("nothing is committed while a member may be alive", () => {
  const planner = growing(3, 2);
  const one = member("0", { 1: "serving", 2: "ready" }, { liveness: "unknown" });
  planner.step(0, { members: [one, member("1", { 1: "serving", 2: "ready" })] });
  expect(planner.step(60_000).reason).toBe("waiting_for_ready");
});

test("a member without a Lease counts as dead only when the registry has been listened to for 40 s", () => {
  const planner = growing(3, 2);
  const connectedSince = planner.input.now;
  planner.step(0, { members: [member("1", { 1: "serving", 2: "ready" })], connectedSince });
  expect(planner.step(39_999).reason).toBe("waiting_for_ready");
  expect(planner.step(1).reason).toBe("commit");
});

test("a commit never loses a slot that is covered", () => {
  const planner = growing(3, 2);
  const gained = member("0", { 1: "serving", 2: "ready" });
  planner.step(0, { members: [gained, member("1", { 1: "serving", 2: "building" })] });
  expect(planner.step(3_600_000).reason).toBe("waiting_for_ready");
});

test.each(["dead", "unknown"] as const)(
  "when all survivors are ready, a leaver that is %s does not hold up the commit",
  (liveness) => {
    const planner = growing(3, 2);
    const leaver = member("2", { 1: "serving" }, { liveness });
    const ready = members(2, { 1: "serving", 2: "ready" });
    expect(planner.step(0, { members: [...ready, leaver] }).reason).toBe("commit");
  },
);

test("only fresh members with a complete view cover their slots", () => {
  const { active } = settled(4).stored;
  const cover = coverOf(active, [
    member("0", { 1: "serving" }),
    member("1", { 1: "building" }),
    member("2", { 1: "ready" }, { liveness: "unknown" }),
    member("3", { 2: "ready" }),
  ]);
  expect(cover).toEqual(active.slots.map((index) => (index === 0 ? 1 : 0)));
});

test("2 → 5 → 3 replaces the pending layout", () => {
  const planner = growing(2, 5);
  planner.step(0, { statefulSet: statefulSet(3, 3) });
  expect(planner.step(2_000).reason).toBe("replace");
  expect(planner.stored).toMatchObject({ floor: 3, active: { epoch: 1 }, pending: { epoch: 3 } });
  expect(planner.stored.pending?.members).toEqual(["0", "1", "2"]);
});

test("2 → 5 → 2 cancels the pending layout, and its epoch is not used again", () => {
  const planner = growing(2, 5);
  planner.step(0, { statefulSet: statefulSet(2, 3) });
  expect(planner.step(2_000).reason).toBe("cancel");
  expect(planner.stored).toMatchObject({ floor: 2, source: { generation: 3 }, pending: undefined });
  planner.step(0, { statefulSet: statefulSet(3, 4) });
  planner.step(2_000);
  expect(planner.stored.pending?.epoch).toBe(3);
});

test("5 → 3 → 5 finishes the change if a member that it removes is already dying", () => {
  const planner = growing(5, 3);
  const dying = { leaving: true };
  const leavers = [member("3", { 1: "serving" }, dying), member("4", { 1: "serving" }, dying)];
  const waiting = [...members(3, { 1: "serving", 2: "building" }), ...leavers];
  planner.step(0, { statefulSet: statefulSet(5, 3), members: waiting });
  expect(planner.step(10_000).reason).toBe("waiting_for_ready");
  const done = [...members(3, { 1: "serving", 2: "ready" }), ...leavers];
  expect(planner.step(0, { members: done }).reason).toBe("commit");
  expect(planner.step(60_000).reason).toBe("stable");
  planner.step(0, { members: [...members(3, { 2: "serving" }), member("3"), member("4")] });
  expect(planner.step(2_000).reason).toBe("propose");
  expect(planner.stored.pending?.members).toEqual(["0", "1", "2", "3", "4"]);
});

test("a dying member that is wanted again before anything was proposed is replaced first, too", () => {
  const planner = settled(3);
  const leaver = member("1", { 1: "serving" }, { leaving: true });
  planner.step(0, { members: [...members(1, { 1: "serving" }), leaver, member("2")] });
  expect(planner.step(2_000).reason).toBe("propose");
  expect(planner.stored.pending?.members).toEqual(["0", "2"]);
});

test("newcomers wait until dying members are gone: ordered pod management creates them only then", () => {
  const planner = settled(3);
  const leaver = member("2", { 1: "serving" }, { leaving: true });
  const present = [...members(2, { 1: "serving" }), leaver];
  planner.step(0, { statefulSet: statefulSet(4, 3), members: present });
  planner.step(2_000);
  expect(planner.stored.pending?.members).toEqual(["0", "1"]);
});

test("a member that died while leaving is a member like others again, if it is wanted", () => {
  const planner = settled(2);
  const died = member("1", { 1: "serving" }, { leaving: true, liveness: "dead" });
  planner.step(0, { members: [...members(1, { 1: "serving" }), died] });
  expect(planner.step(10_000).reason).toBe("stable");
});

test("if all members are dying, nothing is moved", () => {
  const planner = settled(2);
  const dying = members(2, { 1: "serving" }).map((one): MemberReport => ({
    ...one,
    leaving: true,
  }));
  planner.step(0, { members: dying });
  expect(planner.step(10_000).reason).toBe("stable");
});

test("5 → 3 → 5 is cancelled as long as nobody is dying", () => {
  const planner = growing(5, 3);
  planner.step(0, { statefulSet: statefulSet(5, 3) });
  expect(planner.step(2_000).reason).toBe("cancel");
});

test("a lost layout is written back under an epoch above all that anybody has named", () => {
  const planner = settled(2);
  const { active } = planner.stored;
  const others = members(2, { 7: "building", 1: "serving" });
  const restored = planner.step(0, { stored: undefined, members: others });
  expect(restored.reason).toBe("restore");
  expect(planner.stored).toMatchObject({
    floor: 8,
    active: { epoch: 8, members: active.members, activateAt: planner.input.wall + 5_000 },
    previous: { epoch: 1, digest: active.digest },
  });
  expect(planner.stored.active.slots).toEqual(active.slots);
});

test("a layout that went back to an older one is written forward again, and the change starts anew", () => {
  const planner = growing(2, 3);
  const old = { ...planner.stored, floor: 1, pending: undefined };
  expect(planner.step(0, { stored: old }).reason).toBe("restore");
  expect(planner.stored).toMatchObject({ floor: 3, active: { epoch: 3 }, pending: undefined });
  planner.step(35_000, { members: members(2, { 3: "serving" }) });
  expect(planner.step(2_000).reason).toBe("propose");
  expect(planner.stored.pending?.epoch).toBe(4);
});

test("without a layout to count from, an epoch is the time in seconds: above all that were ever counted", () => {
  const wall = 1_700_000_000_500;
  const planner = new Planner(2, { wall });
  planner.step(0);
  expect(planner.stored).toMatchObject({
    floor: 1_700_000_000,
    active: { epoch: 1_700_000_000, activateAt: wall },
  });
  planner.step(60_000, { statefulSet: statefulSet(3, 2) });
  planner.step(2_000);
  expect(planner.stored.pending?.epoch).toBe(1_700_000_001);
  planner.step(0, { stored: undefined, members: [] });
  expect(planner.stored.active.epoch).toBe(1_700_000_062);
});

test("a planner that knows nothing leaves the restoring to those who know", () => {
  const planner = new Planner(2, { members: members(2, { 6: "serving" }) });
  expect(planner.step(60_000).reason).toBe("restore_awaited");
  const dead = planner.input.members.map((one): MemberReport => ({ ...one, liveness: "dead" }));
  expect(planner.step(0, { members: dead }).reason).toBe("create");
  expect(planner.stored.active.epoch).toBe(7);
});

test("when all have been restarted and the layout is lost, no epoch is used again", () => {
  const restarted = [member("0", {}, { floor: 6 }), member("1", {}, { floor: 4 })];
  const planner = new Planner(2, { members: restarted });
  planner.step(0);
  expect(planner.stored.active.epoch).toBe(7);
});

test("a planner that finds an older layout than others serve leaves the restoring to them", () => {
  const planner = settled(2);
  const ahead = members(2, { 1: "ready", 2: "serving" });
  planner.step(0, { statefulSet: statefulSet(3, 2), members: ahead });
  expect(planner.step(60_000).reason).toBe("restore_awaited");
});

test("what was proposed on top of an older layout does not undo a commit", () => {
  const planner = settled(2);
  const before = planner.stored;
  planner.step(0, { statefulSet: statefulSet(3, 2) });
  planner.step(2_000);
  planner.step(0, { members: members(3, { 1: "serving", 2: "ready" }) });
  const known = planner.stored;
  expect(known.active.epoch).toBe(2);
  const proposed = { ...before, floor: 9 };
  expect(planner.step(0, { stored: proposed, members: [] }).reason).toBe("restore");
  expect(planner.stored.active).toMatchObject({ epoch: 10, members: ["0", "1", "2"] });
});

test("planners that differ on who is dead do not undo each other's proposals", () => {
  const planner = settled(3);
  const leaver = member("1", { 1: "serving" }, { leaving: true });
  const gone = member("2", {}, { liveness: "dead" });
  planner.step(0, { members: [member("0", { 1: "serving" }), leaver, gone] });
  planner.step(2_000);
  expect(planner.stored.pending?.members).toEqual(["0"]);
  const unsure = member("2", {}, { liveness: "unknown" });
  planner.step(0, { members: [member("0", { 1: "serving" }), leaver, unsure] });
  expect(planner.step(10_000).reason).toBe("waiting_for_ready");
});

test("a planner that cannot tell whether a leaver is still there does not replace what others propose, until it can", () => {
  const planner = growing(2, 3);
  const { pending } = planner.stored;
  const old = (liveness: MemberReport["liveness"]) => [
    ...members(2, { 1: "serving" }),
    member("2", {}, { leaving: true, liveness }),
  ];
  planner.step(0, { members: old("unknown") });
  expect(planner.step(10_000).reason).toBe("waiting_for_ready");
  expect(planner.stored.pending).toEqual(pending);
  planner.step(0, { members: old("dead") });
  expect(planner.step(10_000).reason).toBe("waiting_for_ready");
  planner.step(0, { members: old("fresh") });
  expect(planner.step(2_000).reason).toBe("cancel");
});

test("nor does it propose anything of its own", () => {
  const planner = settled(2);
  const leaver = member("2", {}, { leaving: true, liveness: "unknown" });
  planner.step(0, {
    statefulSet: statefulSet(3, 2),
    members: [...members(2, { 1: "serving" }), leaver],
  });
  expect(planner.step(10_000).reason).toBe("leaver_unknown");
});

test("a planner that has missed a commit leaves the restoring to those who serve it", () => {
  const planner = settled(2);
  const ahead = [member("0", { 1: "serving" }), member("1", { 1: "ready", 2: "serving" })];
  const lost = { stored: undefined, members: ahead };
  expect(planner.step(0, lost).reason).toBe("restore_awaited");
  expect(planner.step(0, { members: members(2, { 1: "serving" }) }).reason).toBe("restore");
});

test("without a registry nothing is planned", () => {
  const planner = settled();
  planner.step(0, { connectedSince: undefined, statefulSet: statefulSet(3, 2) });
  expect(planner.step(10_000)).toMatchObject({ reason: "disconnected" });
  expect(planner.stored.pending).toBeUndefined();
});

test("planners with the same input write the same layout", () => {
  const [one, other] = [growing(2, 5), growing(2, 5)];
  expect(one.stored).toEqual(other.stored);
});
