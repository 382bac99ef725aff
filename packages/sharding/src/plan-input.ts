import { memberLimit } from "./slot-table.ts";
import { livenessOf, type Liveness } from "./liveness.ts";
import type { LayoutSource, LayoutState } from "./layout-state.ts";

/** What a view of one epoch is good for, as a worker reports it. */
export type ReportedView = "building" | "ready" | "serving";

/** What a worker Lease says, and whether its holder is alive. */
export interface MemberReport {
  readonly ordinal: string;
  readonly liveness: Liveness;
  /** By epoch. */
  readonly views: ReadonlyMap<number, ReportedView>;
  /** The highest epoch that this ordinal has ever known, over all its incarnations; 0 for none. */
  readonly floor: number;
  /**
   * Its pod is dying because its ordinal was not wanted; cleared at its exit. Its slots are moved away even if the ordinal is wanted
   * again meanwhile: nothing revives the pod, and its successor is a newcomer.
   */
  readonly leaving: boolean;
}

export interface StatefulSetState extends LayoutSource {
  readonly deleting: boolean;
}

export interface PlanInput {
  /** The stored state; undefined if there is none. The write has to name the version of exactly this one. */
  readonly stored: LayoutState | undefined;
  /** The newest state this worker has ever seen. */
  readonly known: LayoutState | undefined;
  readonly members: readonly MemberReport[];
  /** Undefined if there is none, or it is not known yet. */
  readonly statefulSet: StatefulSetState | undefined;
  /** Whether `statefulSet` comes from a consistent read that began after `stored` had been read. */
  readonly confirmed: boolean;
  /**
   * Since when the connection to the registry is up and all Leases have been listed (monotonic); undefined while it is down: nothing
   * is planned then. Tells whether a member without a Lease is dead or unknown.
   */
  readonly connectedSince: number | undefined;
  /** Position of this planner; 0 acts first. */
  readonly rank: number;
  /** The hash of a first layout; later ones keep the hash of the active one. */
  readonly hash: string;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Unix time in milliseconds. */
  readonly wall: number;
}

/** A member without a Lease is dead if one would have been seen. */
export function livenessIn({ members, connectedSince, now }: PlanInput, ordinal: string): Liveness {
  const member = members.find((candidate) => candidate.ordinal === ordinal);
  return member?.liveness ?? livenessOf({ changedAt: undefined, connectedSince, now });
}

/**
 * The ordinals that a StatefulSet wants, in order; none if there is no StatefulSet, or it is being deleted. One more than a layout can
 * have is enough to tell that there are too many.
 */
export function ordinalsOf(statefulSet: StatefulSetState | undefined): string[] {
  if (statefulSet === undefined || statefulSet.deleting) return [];
  const { start, replicas } = statefulSet;
  const length = Math.min(Math.max(0, replicas), memberLimit + 1);
  return Array.from({ length }, (_, index) => String(start + index));
}
