import type { Pod } from "@kube-state-mosaic/wire";

/** Reasons that have a series of their own, in the order of the series. */
const podReasons: ReadonlySet<string> = new Set([
  "Evicted",
  "NodeAffinity",
  "NodeLost",
  "PreemptionByScheduler",
  "SchedulingGated",
  "Shutdown",
  "TerminationByKubelet",
  "UnexpectedAdmissionError",
]);

const disruptionReasons: ReadonlySet<string> = new Set([
  "PreemptionByScheduler",
  "DeletionByTaintManager",
  "EvictionByEvictionAPI",
  "DeletionByPodGC",
  "TerminationByKubelet",
]);

const none: readonly string[] = [];

/**
 * The known reasons found in the pod's status, its conditions and its terminated containers, each once; `Other` last where the
 * status itself gives an unknown one.
 */
export function podReasonsOf({ status }: Pod): readonly string[] {
  const found = new Set<string>();
  if (podReasons.has(status.reason)) found.add(status.reason);
  for (const { reason } of status.conditions) if (podReasons.has(reason)) found.add(reason);
  for (const { state } of status.containerStatuses) {
    const reason = state.terminated?.reason;
    if (reason !== undefined && podReasons.has(reason)) found.add(reason);
  }
  const isOther = status.reason !== "" && !podReasons.has(status.reason);
  if (found.size === 0 && !isOther) return none;
  const reasons = [...podReasons].filter((reason) => found.has(reason));
  return isOther ? [...reasons, "Other"] : reasons;
}

/** The reason of a disruption where it is a known one, else `Other`. */
export function disruptionReason({ reason }: { readonly reason: string }): string {
  return disruptionReasons.has(reason) ? reason : "Other";
}
