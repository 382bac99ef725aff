import type {
  Discovery,
  DiscoveryState,
  JobState,
  Publication,
} from "@kube-state-mosaic/discovery";
import { setTimeout as delay } from "node:timers/promises";

const lookMs = 20;

/** The state once every job is complete, or cannot become so, or the time is over. */
export async function settledState(
  discovery: Discovery,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<DiscoveryState> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const state = discovery.state();
    const jobs = [...state.values()];
    if (signal.aborted || performance.now() >= deadline) return state;
    if (jobs.every(({ complete, stuck }) => complete || stuck) && discovery.idle) return state;
    await delay(lookMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Everything that is complete, by job, as JSON: groups as discovered, or targets as http_sd gives them out. */
export function printed(
  state: DiscoveryState,
  output: "groups" | "targets",
  publication: Publication,
): string {
  const jobs = [...state.values()].filter(({ complete }) => complete);
  const entries = jobs.map((jobState): [string, unknown] => {
    if (output === "groups") return [jobState.job.name, groupsOf(jobState)];
    const list = publication.list(jobState.job.name);
    return [jobState.job.name, list.kind === "list" ? (JSON.parse(list.body()) as unknown) : []];
  });
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function groupsOf({ groups }: JobState): unknown {
  return groups.map(({ source, targets, labels }) => ({
    source,
    targets: targets.map((target) => Object.fromEntries(target)),
    labels: Object.fromEntries(labels),
  }));
}
