import type { ShardIdentity } from "@kube-state-mosaic/store";

/** What one worker said, or why nothing is known of it. */
export type WorkerReport =
  | { readonly worker: string; readonly identity: ShardIdentity }
  | { readonly worker: string; readonly failure: string };

/**
 * Whether the workers are shards 0 to N-1 of one layout, each once.
 * Answers the reasons why not, each naming the worker; an empty list means the union of the shards is the whole.
 */
export function shardFaults(reports: readonly WorkerReport[]): string[] {
  const faults: string[] = [];
  const owner = new Map<number, string>();
  for (const report of reports) {
    if ("failure" in report) {
      faults.push(`${report.worker}: ${report.failure}`);
      continue;
    }
    const { worker, identity } = report;
    if (identity.totalShards !== reports.length)
      faults.push(
        `${worker}: says it is one of ${identity.totalShards} shards, but ${reports.length} workers are listed`,
      );
    const other = owner.get(identity.shard);
    if (other !== undefined)
      faults.push(`${worker}: is shard ${identity.shard}, and so is ${other}`);
    owner.set(identity.shard, worker);
  }
  const layouts = new Map<string, string>();
  for (const report of reports)
    if ("identity" in report)
      layouts.set(`${report.identity.hash}, epoch ${report.identity.epoch}`, report.worker);
  if (layouts.size > 1)
    faults.push(
      `shards of different layouts: ${[...layouts].map(([layout, worker]) => `${worker} has ${layout}`).join("; ")}`,
    );
  return faults;
}
