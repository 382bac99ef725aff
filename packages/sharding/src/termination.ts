import type { StatefulSetState } from "./plan-input.ts";
import type { WorkerLayouts } from "./worker-layouts.ts";

/**
 * What SIGTERM means. A restart drains and exits: its successor has the same ordinal. A leaver has no successor: it goes on
 * serving until the layout without it is in force, or until `deadline` (Unix milliseconds; undefined if that is not known).
 */
export type Termination =
  | { readonly kind: "restart" }
  | { readonly kind: "leave"; readonly deadline: number | undefined };

export interface TerminationInput {
  readonly layouts: WorkerLayouts;
  readonly ordinal: string;
  /** From a consistent read after the signal; undefined if it is gone, or could not be read in time. */
  readonly statefulSet: StatefulSetState | undefined;
  /** When the kubelet kills the pod: its `deletionTimestamp`, which includes the grace period; Unix milliseconds, if known. */
  readonly killedAt: number | undefined;
}

/** How long before it is killed a leaver exits by itself, in milliseconds. */
const deadlineMargin = 5_000;

/** Decides once, at the signal. */
export function terminationOf(input: TerminationInput): Termination {
  const { layouts, ordinal, statefulSet, killedAt } = input;
  if (statefulSet === undefined || statefulSet.deleting || statefulSet.replicas === 0)
    return { kind: "restart" };
  const position = Number(ordinal) - statefulSet.start;
  if (position >= 0 && position < statefulSet.replicas) return { kind: "restart" };
  if (!isNeeded(layouts, ordinal)) return { kind: "restart" };
  const deadline = killedAt === undefined ? undefined : killedAt - deadlineMargin;
  return { kind: "leave", deadline };
}

/**
 * Whether a leaver may exit: its deadline has come, or no view that is still answered counts on it, `retire` having been called.
 * A member of the pending layout stays too, until that is replaced: it could be committed at the very moment of the exit.
 * A leaver stays one even if its ordinal is wanted again: planners move its slots away first, and its successor gets them back.
 */
export function mayLeave(
  layouts: WorkerLayouts,
  leaver: { readonly ordinal: string; readonly deadline: number },
  wall: number,
): boolean {
  return wall >= leaver.deadline || !isNeeded(layouts, leaver.ordinal);
}

function isNeeded({ views }: WorkerLayouts, ordinal: string): boolean {
  return views.some(({ layout }) => layout.members.includes(ordinal));
}
