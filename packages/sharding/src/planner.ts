import { desiredMembers } from "./desired-members.ts";
import { compareStates, type LayoutState } from "./layout-state.ts";
import { makeLayout, type Layout } from "./layout.ts";
import { firstLayout, hasMembers, nextLayout } from "./next-layout.ts";
import { livenessIn, type MemberReport, type PlanInput } from "./plan-input.ts";
import { timing } from "./timing.ts";

/** What a planner remembers between calls; start with `noMemory`. */
export interface PlanMemory {
  readonly intent: string;
  readonly intentSince: number;
  readonly progress: string;
  readonly progressSince: number;
}

export const noMemory: PlanMemory = {
  intent: "",
  intentSince: 0,
  progress: "",
  progressSince: 0,
};

export type PlanReason =
  | "disconnected" // no registry, no change
  | "stable" // nothing to do
  | "switching" // the last change is not over yet
  | "no_statefulset" // none, deleting, or 0 replicas
  | "too_many_members"
  | "leaver_unknown" // a member that said it leaves is not known to be there or gone
  | "stale_source" // the StatefulSet read is older than the one that the newest layout answers
  | "restore_awaited" // somebody else knows the lost layout
  | "waiting_for_ready" // the pending layout does not cover enough
  | "debounce" // its turn has not come
  | "create"
  | "restore"
  | "propose"
  | "replace"
  | "cancel"
  | "commit";

export interface Plan {
  readonly memory: PlanMemory;
  readonly reason: PlanReason;
  /** To be written if the stored state is still the one that was read. */
  readonly write?: LayoutState;
  /** Read the layout, then the StatefulSet, both consistently, and plan again with `confirmed`. */
  readonly confirm?: true;
}

interface Intent {
  readonly reason: PlanReason;
  /** Identifies the intent: it has to hold without a change until its turn comes. */
  readonly key?: string;
  readonly delay?: number;
  readonly needsConfirmation?: boolean;
  readonly write?: () => LayoutState;
}

/**
 * What the planner of one worker does now. To be called at each change of its input and at least once a second. Deterministic, so
 * that planners who act at the same time write the same, and the second write is refused.
 */
export function plan(memory: PlanMemory, input: PlanInput): Plan {
  const progress = progressOf(input);
  const progressSince = progress === memory.progress ? memory.progressSince : input.now;
  const intent = intentOf(input, progressSince);
  const key = intent.key ?? "";
  const intentSince = key === memory.intent ? memory.intentSince : input.now;
  const next: PlanMemory = { intent: key, intentSince, progress, progressSince };
  if (intent.write === undefined) return { memory: next, reason: intent.reason };
  const turn = intentSince + (intent.delay ?? 0) + input.rank * timing.turn;
  if (input.now < turn) return { memory: next, reason: "debounce" };
  if (intent.needsConfirmation === true && !input.confirmed)
    return { memory: next, reason: intent.reason, confirm: true };
  return { memory: next, reason: intent.reason, write: intent.write() };
}

/** One byte for each slot: 1 where a fresh member can answer for this layout. */
export function coverOf(layout: Layout, members: readonly MemberReport[]): Uint8Array {
  const covers = layout.members.map((ordinal) =>
    members.some((member) => member.ordinal === ordinal && isUsable(member, layout.epoch)),
  );
  return layout.slots.map((index) => (covers[index] === true ? 1 : 0));
}

function isUsable({ liveness, views }: MemberReport, epoch: number): boolean {
  const view = views.get(epoch);
  return liveness === "fresh" && (view === "ready" || view === "serving");
}

function intentOf(input: PlanInput, progressSince: number): Intent {
  const { stored, known } = input;
  if (input.connectedSince === undefined) return { reason: "disconnected" };
  if (known !== undefined && (stored === undefined || compareStates(stored, known) < 0))
    return restore(known, input);
  if (stored === undefined) return create(input);
  // The store has lost writes that this planner has never seen.
  if (input.members.some((member) => knowsMore(member, stored.floor)))
    return { reason: "restore_awaited" };
  if (stored.pending === undefined) return propose(stored, input);
  const replacement = replace(stored, input);
  return replacement ?? commit(stored, input, progressSince);
}

function knowsMore({ liveness, views }: MemberReport, floor: number): boolean {
  return liveness !== "dead" && [...views.keys()].some((epoch) => epoch > floor);
}

/** No layout yet. If a living worker knows one that this planner does not, that worker restores it. */
function create(input: PlanInput): Intent {
  if (input.members.some((member) => knowsMore(member, 0))) return { reason: "restore_awaited" };
  const desired = desiredMembers(input);
  if (typeof desired === "string") return { reason: desired };
  const { source, members } = desired;
  return {
    reason: "create",
    key: `create ${source.uid} ${source.generation}`,
    needsConfirmation: true,
    write: () => {
      const epoch = unusedEpoch(input);
      const active = { ...firstLayout(epoch, members, input.hash), activateAt: input.wall };
      return { v: 1, floor: epoch, source, active, pending: undefined, previous: undefined };
    },
  };
}

/** The store has lost writes: what is in force goes on, under an epoch that nobody has seen. */
function restore(known: LayoutState, input: PlanInput): Intent {
  const { active } = known;
  // A planner that has missed a commit would bring back a layout whose leavers are gone.
  if (input.members.some((member) => servesAbove(member, active.epoch)))
    return { reason: "restore_awaited" };
  return {
    reason: "restore",
    key: `restore ${known.floor}`,
    write: () => {
      const epoch = unusedEpoch(input);
      return {
        v: 1,
        floor: epoch,
        source: known.source,
        active: { ...makeLayout({ ...active, epoch }), activateAt: input.wall + timing.lead },
        pending: undefined,
        previous: { epoch: active.epoch, digest: active.digest },
      };
    },
  };
}

function servesAbove({ liveness, views }: MemberReport, epoch: number): boolean {
  return (
    liveness !== "dead" && [...views].some(([other, view]) => view === "serving" && other > epoch)
  );
}

function propose(stored: LayoutState, input: PlanInput): Intent {
  const { active, previous } = stored;
  const desired = desiredMembers(input);
  if (typeof desired === "string") return { reason: desired };
  if (hasMembers(active, desired.members)) return { reason: "stable" };
  // Losers still hold the view before the active one, if there was one; a third would be needed.
  const isSwitching = previous !== undefined && input.wall < active.activateAt + timing.grace;
  if (isSwitching) return { reason: "switching" };
  return change(stored, input, "propose");
}

/** Undefined if the pending layout is the desired one, or nothing can be said. */
function replace(stored: LayoutState, input: PlanInput): Intent | undefined {
  const { active, pending } = stored;
  const desired = desiredMembers(input);
  if (typeof desired === "string" || pending === undefined) return undefined;
  if (hasMembers(pending, desired.members)) return undefined;
  return change(stored, input, hasMembers(active, desired.members) ? "cancel" : "replace");
}

function change(
  stored: LayoutState,
  input: PlanInput,
  reason: "propose" | "replace" | "cancel",
): Intent {
  const desired = desiredMembers(input);
  if (typeof desired === "string") return { reason: desired };
  const { source, members } = desired;
  if (source.uid === stored.source.uid && source.generation < stored.source.generation)
    return { reason: "stale_source" };
  return {
    reason,
    key: `${reason} ${stored.floor} ${source.uid} ${members.join()}`,
    delay: timing.debounce,
    needsConfirmation: true,
    write: () => {
      if (reason === "cancel") return { ...stored, source, pending: undefined };
      const epoch = Math.max(stored.floor, highestEpoch(input)) + 1;
      const pending = { ...nextLayout(stored.active, epoch, members), createdAt: input.wall };
      return { ...stored, floor: epoch, source, pending };
    },
  };
}

function commit(stored: LayoutState, input: PlanInput, progressSince: number): Intent {
  const { active, pending } = stored;
  if (pending === undefined || !isCommittable(stored, input, progressSince))
    return { reason: "waiting_for_ready" };
  const { createdAt: _, ...layout } = pending;
  return {
    reason: "commit",
    key: `commit ${pending.epoch}`,
    write: () => ({
      ...stored,
      active: { ...layout, activateAt: input.wall + timing.lead },
      pending: undefined,
      previous: { epoch: active.epoch, digest: active.digest },
    }),
  };
}

/**
 * All slots are covered; or nothing can be gained by waiting and nothing is lost by going on. There is no commit by time alone: it
 * would trade a complete layout for an incomplete one.
 */
function isCommittable(
  { active, pending }: LayoutState,
  input: PlanInput,
  progressSince: number,
): boolean {
  const { members, now } = input;
  if (pending === undefined) return false;
  const isWhole = pending.members.every((ordinal) =>
    members.some((member) => member.ordinal === ordinal && isUsable(member, pending.epoch)),
  );
  if (isWhole) return true;
  if (now - progressSince < timing.patience) return false;
  const concerned = new Set([...active.members, ...pending.members]);
  for (const ordinal of concerned) {
    if (livenessIn(input, ordinal) === "unknown") return false;
  }
  const after = coverOf(pending, members);
  return coverOf(active, members).every((covered, slot) => covered === 0 || after[slot] === 1);
}

/** Who is ready for the pending layout: patience begins anew at each change. */
function progressOf({ stored, members }: PlanInput): string {
  const epoch = stored?.pending?.epoch;
  if (epoch === undefined) return "";
  const ready = members.filter((member) => isUsable(member, epoch));
  return `${epoch} ${ready.map(({ ordinal }) => ordinal).join()}`;
}

/**
 * An epoch without a stored one to count from. Those who knew the last ones may all be gone, or silent: seconds since 1970 are above
 * whatever was counted from an earlier moment.
 */
function unusedEpoch(input: PlanInput): number {
  return Math.max(highestEpoch(input) + 1, Math.floor(input.wall / 1_000));
}

/** The highest epoch that anybody has named, so that none is used twice even if the store has forgotten it. */
function highestEpoch({ stored, known, members }: PlanInput): number {
  const seen = members.flatMap(({ floor, views }) => [floor, ...views.keys()]);
  return Math.max(0, stored?.floor ?? 0, known?.floor ?? 0, ...seen);
}
