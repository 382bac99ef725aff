import { leaseDuration } from "./liveness.ts";
import { compareStates, type LayoutState } from "./layout-state.ts";
import { hasMembers } from "./next-layout.ts";
import { ordinalsOf, type StatefulSetState } from "./plan-input.ts";
import { timing } from "./timing.ts";

/** Since when a worker has seen that something is to be planned, and whether it follows the members. Start with `noStandby`. */
export interface Standby {
  /** Names what is to be planned; empty if nothing is. */
  readonly need: string;
  /** From when on the need counts as unmet, in monotonic milliseconds. */
  readonly unmetSince: number;
  /** Since when all members are to be followed, as one who plans must; undefined: not. */
  readonly followingSince: number | undefined;
}

export const noStandby: Standby = { need: "", unmetSince: 0, followingSince: undefined };

export interface StandbyInput {
  readonly rank: number;
  readonly stored: LayoutState | undefined;
  /** The newest state this worker has ever seen. */
  readonly known: LayoutState | undefined;
  readonly statefulSet: StatefulSetState | undefined;
  /** How many members of a lower rank are fresh; they are known only to one who follows them. */
  readonly freshBefore: number;
  /** Monotonic milliseconds. */
  readonly now: number;
}

/** So many follow the members: these at any time, others in their place when they are gone. */
const planners = 2;
/** A planner that lives acts within this time. */
const patience = 10_000;
/** From a look that found planners alive to the next one. */
const pause = 120_000;

/**
 * Whether a worker follows all members now, without which it cannot plan. The first two always do. Any other does so only when
 * something has been to be planned for longer than a living planner takes, the one of rank i another i × 2 s later; and leaves it
 * to others again once it sees two of lower rank alive. So whoever lives plans in the end, and a cluster of 64 whose new pod cannot
 * be scheduled for hours does not have 64 workers follow 64.
 */
export function standBy(before: Standby, input: StandbyInput): Standby {
  const { rank, freshBefore, now } = input;
  const need = needOf(input);
  const unmetSince = need === before.need ? before.unmetSince : now;
  if (rank < planners) return { need, unmetSince, followingSince: before.followingSince ?? now };
  if (need === "") return { need, unmetSince, followingSince: undefined };
  const { followingSince } = before;
  if (followingSince === undefined) {
    const isDue = now - unmetSince >= patience + rank * timing.turn;
    return { need, unmetSince, followingSince: isDue ? now : undefined };
  }
  if (freshBefore < planners || now - followingSince < leaseDuration)
    return { need, unmetSince, followingSince };
  return { need, unmetSince: now + pause, followingSince: undefined };
}

/**
 * Position among those who plan: members of the active layout by index, then those that only the pending one has, then by ordinal
 * whoever is in none of them.
 */
export function plannerRank(
  state: LayoutState | undefined,
  ordinal: string,
  firstOrdinal: number,
): number {
  const members = state === undefined ? [] : [...state.active.members];
  for (const member of state?.pending?.members ?? [])
    if (!members.includes(member)) members.push(member);
  const index = members.indexOf(ordinal);
  return index >= 0 ? index : Math.max(members.length, Number(ordinal) - firstOrdinal);
}

/** What is to be planned, as far as it shows without the members. */
function needOf({ stored, known, statefulSet }: StandbyInput): string {
  if (known !== undefined && (stored === undefined || compareStates(stored, known) < 0))
    return `restore ${known.floor}`;
  if (stored?.pending !== undefined) return `pending ${stored.pending.epoch}`;
  const wanted = ordinalsOf(statefulSet);
  if (statefulSet === undefined || wanted.length === 0) return "";
  const { uid, generation } = statefulSet;
  if (stored !== undefined && hasMembers(stored.active, wanted)) return "";
  return `change ${uid} ${generation}`;
}
