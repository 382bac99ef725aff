import type { Fetched } from "./cycle.ts";

/**
 * Whether workers of a list are shards 0 to N-1 of one layout, each once. Answers the reasons why not, each naming the worker; an
 * empty list means that those who answered are part of one whole.
 */
export function listFaults(fetched: readonly Fetched[], listed: number): string[] {
  const faults: string[] = [];
  const owner = new Map<number, string>();
  const layouts = new Map<string, string>();
  for (const { url, received } of fetched) {
    if (received === undefined) continue;
    const { shard, totalShards, hash, epoch } = received.answer.manifest.identity;
    if (totalShards !== listed)
      faults.push(
        `${url}: says it is one of ${totalShards} shards, but ${listed} workers are listed`,
      );
    const other = owner.get(shard);
    if (other !== undefined) faults.push(`${url}: is shard ${shard}, and so is ${other}`);
    owner.set(shard, url);
    layouts.set(`${hash}, epoch ${epoch}`, url);
  }
  if (layouts.size > 1)
    faults.push(
      `shards of different layouts: ${[...layouts].map(([layout, url]) => `${url} has ${layout}`).join("; ")}`,
    );
  return faults;
}
