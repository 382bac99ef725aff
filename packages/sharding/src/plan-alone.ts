import { ownedSlots, type Layout } from "./layout.ts";
import type { LayoutState } from "./layout-state.ts";
import { firstLayout, nextLayout } from "./next-layout.ts";
import { ordinalsOf, type StatefulSetState } from "./plan-input.ts";

/** Where nobody can say whether the others have taken over, rows that are lost are shown for so long: doubled rather than missing. */
const holdMs = 60_000;

export interface LonePlanInput {
  readonly statefulSet: StatefulSetState | undefined;
  readonly state: LayoutState | undefined;
  /** Epochs for which this worker has everything. */
  readonly epochs: readonly number[];
  readonly ordinal: string;
  readonly hash: string;
  /** Unix milliseconds. */
  readonly wall: number;
}

/**
 * The next state of a worker that follows the StatefulSet by itself, since it may not use the registry (handover L7): what it gains is
 * built beside what it has and shown as soon as it is there, for the one that loses it may be killed long before it would let
 * go. Undefined: nothing changes. The epoch is the StatefulSet's generation, so that equal layouts have equal epochs.
 */
export function planAlone(input: LonePlanInput): LayoutState | undefined {
  const { statefulSet, state, epochs, ordinal, hash, wall } = input;
  const members = ordinalsOf(statefulSet);
  if (statefulSet === undefined || members.length === 0) return undefined;
  const { uid, generation, start, replicas } = statefulSet;
  const source = { uid, generation, start, replicas };
  const epoch = Math.max(generation, (state?.floor ?? 0) + 1);
  if (state === undefined) {
    const active = { ...firstLayout(epoch, members, hash), activateAt: wall };
    return { v: 1, floor: epoch, source, active, pending: undefined, previous: undefined };
  }
  const { active, pending } = state;
  const target = pending ?? active;
  if (target.members.join() !== members.join()) {
    const next = { ...nextLayout(active, epoch, members), createdAt: wall };
    return { ...state, floor: epoch, source, pending: next };
  }
  if (pending === undefined || !epochs.includes(pending.epoch)) return undefined;
  const { createdAt: _, ...layout } = pending;
  const activateAt = wall + (loses(ordinal, active, layout) ? holdMs : 0);
  const previous = { epoch: active.epoch, digest: active.digest };
  return { ...state, active: { ...layout, activateAt }, pending: undefined, previous };
}

/** Whether a worker has less with the other layout. It never gains as well: survivors of a change only give or only take. */
function loses(ordinal: string, from: Layout, to: Layout): boolean {
  const kept = ownedSlots(to, ordinal);
  return ownedSlots(from, ordinal).some((isOwn, slot) => isOwn === 1 && kept[slot] !== 1);
}
