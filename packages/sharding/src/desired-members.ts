import type { LayoutSource } from "./layout-state.ts";
import { livenessIn, ordinalsOf, type MemberReport, type PlanInput } from "./plan-input.ts";
import { memberLimit } from "./slot-table.ts";

/** Who should own the slots, and the state of the StatefulSet that says so; or why nothing can be said. */
export function desiredMembers(
  input: PlanInput,
):
  | { source: LayoutSource; members: string[] }
  | "no_statefulset"
  | "too_many_members"
  | "leaver_unknown" {
  const { stored, statefulSet, members } = input;
  const wanted = ordinalsOf(statefulSet);
  if (statefulSet === undefined || wanted.length === 0) return "no_statefulset";
  const { uid, generation, start, replicas } = statefulSet;
  if (replicas > memberLimit) return "too_many_members";
  const source = { uid, generation, start, replicas };
  const staying = wanted.filter((ordinal) => !isLeaving(ordinal, members));
  if (staying.length === wanted.length || stored === undefined) return { source, members: wanted };
  // Who has just begun to look does not know whether a leaver of long ago is still there. Another planner may.
  const leaving = wanted.filter((ordinal) => !staying.includes(ordinal));
  if (leaving.some((ordinal) => livenessIn(input, ordinal) === "unknown")) return "leaver_unknown";
  // No others yet: with ordered pod management they are created only when the dying pod is gone.
  const { active, pending } = stored;
  const survivors = staying.filter(
    (ordinal) => active.members.includes(ordinal) && livenessIn(input, ordinal) !== "dead",
  );
  // Planners that differ on who is dead must not replace each other's proposals: these only shrink.
  if (pending?.members.every((ordinal) => survivors.includes(ordinal)) === true)
    return { source, members: [...pending.members] };
  return { source, members: survivors.length > 0 ? survivors : [...active.members] };
}

function isLeaving(ordinal: string, members: readonly MemberReport[]): boolean {
  return members.some(
    (member) => member.ordinal === ordinal && member.leaving && member.liveness !== "dead",
  );
}
