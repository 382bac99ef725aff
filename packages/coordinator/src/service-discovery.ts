import type { Cycle } from "./cycle.ts";

/** A target group as Prometheus's http_sd reads it. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const prefix = "__meta_kube_state_mosaic_";

/** The workers as scrape targets: those of the layout, and leaving ones until they exit; undefined while they are not known. */
export function workerTargets(cycle: Cycle | undefined): TargetGroup[] | undefined {
  if (cycle === undefined || cycle.shards.length === 0) return undefined;
  const groups: TargetGroup[] = [];
  for (const { url, ordinal, index, state, record } of cycle.shards) {
    const address = hostPort(url);
    // One without an address would be missing silently.
    if (address === undefined) return undefined;
    groups.push({
      targets: [address.host],
      labels: {
        [`${prefix}role`]: "worker",
        [`${prefix}shard`]: String(index),
        [`${prefix}ordinal`]: ordinal,
        [`${prefix}total_shards`]: String(cycle.shards.length),
        [`${prefix}epoch`]: String(cycle.epoch),
        [`${prefix}state`]: record?.leaving === true ? "leaving" : state,
        [`${prefix}scheme`]: address.scheme,
      },
    });
  }
  return groups;
}

/** This coordinator once for each of `parts` parts; `self` is the address under which it was asked. */
export function partTargets(
  parts: number,
  self: { readonly host: string; readonly scheme: string },
): TargetGroup[] {
  return Array.from({ length: parts }, (_, index) => ({
    targets: [self.host],
    labels: {
      [`${prefix}role`]: "part",
      [`${prefix}part`]: `${index + 1}/${parts}`,
      [`${prefix}parts`]: String(parts),
      [`${prefix}scheme`]: self.scheme,
      __param_part: `${index + 1}/${parts}`,
    },
  }));
}

function hostPort(url: string): { readonly host: string; readonly scheme: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host, port, protocol } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const standard = scheme === "https" ? 443 : 80;
  return { host: port === "" ? `${host}:${standard}` : host, scheme };
}
