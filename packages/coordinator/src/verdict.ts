import type { Manifest, ReflectorReport, Sums } from "@kube-state-mosaic/store";

/** One shard of the epoch that is answered. */
export interface ProverShard {
  readonly ordinal: string;
  /** `stale`: an earlier manifest stands for it. */
  readonly state: "live" | "stale" | "missing";
  /** Undefined: it says nothing about itself. */
  readonly manifest: Manifest | undefined;
}

/** Why a resource does not count as complete; `""` if it does. */
export type IncompleteReason =
  | ""
  | "shard_missing"
  | "duplicate"
  | "stale"
  | "unknown"
  | "not_synced"
  | "undecodable"
  | "store_mismatch"
  | "count"
  | "set"
  | "behind"
  | "handover_unproven"
  | "config_mixed"
  | "unproven";

export interface Verdict {
  readonly reason: IncompleteReason;
  readonly detail: string;
}

export const fine: Verdict = { reason: "", detail: "" };

/** Shards that are not there, or only as they were. */
export function shardFault(shards: readonly ProverShard[]): Verdict | undefined {
  for (const state of ["missing", "stale"] as const) {
    const ordinals = shards.filter((shard) => shard.state === state).map(({ ordinal }) => ordinal);
    const reason = state === "missing" ? "shard_missing" : "stale";
    if (ordinals.length > 0) return { reason, detail: `shard ${ordinals.join(", ")}` };
  }
  return undefined;
}

/** Objects that the answer shows. */
export function rowsOf(resource: string, manifests: readonly Manifest[]): number {
  let rows = 0;
  for (const { resources } of manifests)
    rows += resources.find(({ name }) => name === resource)?.rows ?? 0;
  return rows;
}

/** Rows that are shown, against rows that are counted: those of the same instant. */
export function storeFault(resource: string, manifests: readonly Manifest[]): Verdict | undefined {
  for (const { identity, resources, reflectors } of manifests) {
    const own = reflectors.filter((report) => report.resource === resource);
    if (own.length === 0 || own.some(({ view, listing }) => view === undefined || listing))
      continue;
    const counted = own.reduce((sum, { view }) => sum + (view?.n ?? 0), 0);
    const rows = resources.find(({ name }) => name === resource)?.rows ?? 0;
    if (counted !== rows)
      return {
        reason: "store_mismatch",
        detail: `shard ${identity.shard} shows ${rows} rows and counts ${counted}`,
      };
  }
  return undefined;
}

/** The sums of one shard. */
export type Named = Sums & { readonly ordinal: string };

/** The shards' parts against what each of them saw of the whole, at one version. */
export function compareStreams(
  parts: readonly Named[],
  wholes: readonly Named[],
  version: number,
): Verdict {
  const [first] = wholes;
  if (first === undefined) return fine;
  const odd = wholes.find(({ n, a, b }) => n !== first.n || a !== first.a || b !== first.b);
  if (odd !== undefined) {
    const reason = odd.n === first.n ? "set" : "count";
    const named = oddOne(wholes);
    return {
      reason,
      detail: `at ${version} ${wholes.map(({ ordinal, n }) => `shard ${ordinal} has seen ${n}`).join(", ")}${named}`,
    };
  }
  const { n, a, b } = total(parts);
  if (n !== first.n)
    return { reason: "count", detail: `at ${version} the shards hold ${n} of ${first.n} objects` };
  if (a !== first.a || b !== first.b)
    return {
      reason: "set",
      detail: `at ${version} the shards hold ${n} objects, but not the right ones`,
    };
  return fine;
}

function oddOne(wholes: readonly Named[]): string {
  if (wholes.length < 3) return "";
  const key = ({ n, a, b }: Sums): string => `${n} ${a} ${b}`;
  const groups = Map.groupBy(wholes, key);
  const single = [...groups.values()].filter((group) => group.length === 1);
  return groups.size === 2 && single.length === 1
    ? `: shard ${single[0]?.[0]?.ordinal} differs`
    : "";
}

/** The API server's own count at a version, with sums if it has listed all objects for it. */
export type Counted = NonNullable<ReflectorReport["probe"]>;

/** The shards' parts against what the API server has. */
export function compareCount(parts: readonly Named[], { version, count, sums }: Counted): Verdict {
  const held = total(parts);
  if (held.n !== count)
    return {
      reason: "count",
      detail: `at ${version} the shards hold ${held.n}, the API server ${count} objects`,
    };
  if (sums !== undefined && (held.a !== sums.a || held.b !== sums.b))
    return {
      reason: "set",
      detail: `at ${version} the shards hold ${count} objects as the API server does, but not the same ones`,
    };
  return fine;
}

function total(parts: readonly Named[]): Sums {
  const sums = { n: 0, a: 0, b: 0 };
  for (const { n, a, b } of parts) {
    sums.n += n;
    sums.a = (sums.a + a) >>> 0;
    sums.b = (sums.b + b) >>> 0;
  }
  return sums;
}
