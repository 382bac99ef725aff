import type { Manifest, ReflectorReport } from "@kube-state-mosaic/store";
import { Ring } from "./ring.ts";
import {
  compareCount,
  compareStreams,
  fine,
  rowsOf,
  shardFault,
  storeFault,
  type Counted,
  type IncompleteReason,
  type Named,
  type ProverShard,
  type Verdict,
} from "./verdict.ts";

export interface Proof {
  readonly resource: string;
  readonly complete: boolean;
  readonly reason: IncompleteReason;
  /** For people: which shard, which numbers. */
  readonly detail: string;
  /** Seconds since the union was last proven whole; undefined if never. */
  readonly verifiedAge: number | undefined;
  readonly objects: number;
}

interface JudgeOptions {
  readonly now: number;
  /** The layout changed before the new shards had caught up. */
  readonly unprovenSwitch: boolean;
  /** Resources of which one object is in two shards. */
  readonly duplicates?: ReadonlySet<string>;
  /** Shards run with different flags, so the same object may have other samples in each. */
  readonly configMixed?: boolean;
}

const proofLastsMs = 150_000;
const behindEventMs = 10_000;
const behindAnyMs = 90_000;

/** What is remembered of one reflector of one epoch. */
interface Track {
  readonly views: Map<string, Ring>;
  readonly streams: Map<string, Ring>;
  readonly incarnations: Map<string, string>;
  /** By ordinal: a version that it has to reach, and since when. */
  readonly due: Map<string, { readonly event: Due; readonly any: Due }>;
  /** The newest count that was judged, and the newest list: each stands until the next one, or until a shard has listed anew. */
  count: Judged | undefined;
  census: Judged | undefined;
  /** A difference found at a version stays until a later version is whole. */
  fault: Verdict | undefined;
}

interface Judged {
  readonly version: number;
  readonly verdict: Verdict;
}

interface Due {
  readonly version: number;
  readonly since: number;
}

/**
 * The algorithm of docs/design/completeness.md: whether the shards' parts, each at its own version, add up to the whole at the lowest
 * version that all have reached. Memory of earlier manifests is all it has; time is passed in, in monotonic milliseconds.
 */
export class Prover {
  /** By epoch and reflector. */
  readonly #tracks = new Map<string, Track>();
  /** By reflector: when it was last proven. Outlives an epoch, since the switch carries it over. */
  readonly #provenAt = new Map<string, number>();

  /** Takes in manifests of an epoch that is not answered yet, so that it can be proven from its first answer on. */
  observe(epoch: number, shards: readonly ProverShard[]): void {
    for (const shard of shards)
      if (shard.state === "live") this.#take(epoch, shard.ordinal, shard.manifest);
  }

  /** Forgets all epochs but these. */
  keep(epochs: readonly number[]): void {
    for (const key of this.#tracks.keys())
      if (!epochs.includes(Number(key.slice(0, key.indexOf("/"))))) this.#tracks.delete(key);
  }

  /** Judges an answer; its live manifests have been observed. */
  judge(
    epoch: number,
    shards: readonly ProverShard[],
    { now, unprovenSwitch, configMixed = false, duplicates }: JudgeOptions,
  ): Proof[] {
    const manifests = shards.flatMap(({ manifest }) => manifest ?? []);
    const reflectors = new Map<string, string>();
    for (const { reflectors: reports } of manifests)
      for (const { name, resource } of reports) reflectors.set(name, resource);
    for (const { resources } of manifests)
      for (const { name } of resources)
        if (![...reflectors.values()].includes(name)) reflectors.set(name, name);
    const absent = shardFault(shards);
    const byResource = new Map<string, { name: string; verdict: Verdict }[]>();
    for (const [name, resource] of reflectors) {
      const own = this.#reflector(`${epoch}/${name}`, shards, { name, now });
      const provenAt = this.#provenAt.get(name);
      let verdict = absent ?? own;
      if (verdict.reason === "" && duplicates?.has(resource) === true)
        verdict = { reason: "duplicate", detail: "one object is in two shards" };
      if (verdict.reason === "" && unprovenSwitch)
        verdict = {
          reason: "handover_unproven",
          detail: "shards changed before the new ones had caught up",
        };
      if (verdict.reason === "" && configMixed)
        verdict = { reason: "config_mixed", detail: "shards run with different flags" };
      if (verdict.reason === "" && (provenAt === undefined || now - provenAt > proofLastsMs))
        verdict = {
          reason: "unproven",
          detail: "no version that all shards have reached is known to be whole",
        };
      byResource.set(resource, [...(byResource.get(resource) ?? []), { name, verdict }]);
    }
    return [...byResource].map(([resource, parts]) => {
      const rows = storeFault(resource, manifests);
      const failed = parts.find(({ verdict }) => verdict.reason !== "")?.verdict ?? rows ?? fine;
      const proven = parts.map(({ name }) => this.#provenAt.get(name));
      const oldest = proven.includes(undefined)
        ? undefined
        : Math.min(...proven.map((at) => at ?? 0));
      return {
        resource,
        complete: failed.reason === "",
        ...failed,
        verifiedAge: oldest === undefined ? undefined : (now - oldest) / 1000,
        objects: rowsOf(resource, manifests),
      };
    });
  }

  #take(epoch: number, ordinal: string, manifest: Manifest | undefined): void {
    for (const report of manifest?.reflectors ?? []) {
      const key = `${epoch}/${report.name}`;
      let track = this.#tracks.get(key);
      if (track === undefined) {
        track = {
          views: new Map(),
          streams: new Map(),
          incarnations: new Map(),
          due: new Map(),
          count: undefined,
          census: undefined,
          fault: undefined,
        };
        this.#tracks.set(key, track);
      }
      if (track.incarnations.get(ordinal) !== manifest?.incarnation) {
        track.incarnations.set(ordinal, manifest?.incarnation ?? "");
        track.views.delete(ordinal);
        track.streams.delete(ordinal);
      }
      for (const [rings, sums] of [
        [track.views, report.view],
        [track.streams, report.stream],
      ] as const) {
        if (sums === undefined) {
          rings.delete(ordinal);
          continue;
        }
        const ring = rings.get(ordinal) ?? new Ring();
        rings.set(ordinal, ring);
        ring.add(sums, report.version);
      }
    }
  }

  #reflector(
    key: string,
    shards: readonly ProverShard[],
    { name, now }: { readonly name: string; readonly now: number },
  ): Verdict {
    const track = this.#tracks.get(key);
    const reports: { ordinal: string; report: ReflectorReport }[] = [];
    for (const { ordinal, manifest } of shards) {
      const report = manifest?.reflectors.find((other) => other.name === name);
      if (report === undefined)
        return { reason: "unknown", detail: `shard ${ordinal} says nothing about it` };
      reports.push({ ordinal, report });
    }
    const unsynced = reports.find(({ report }) => !report.synced);
    if (unsynced !== undefined)
      return {
        reason: "not_synced",
        detail: `shard ${unsynced.ordinal}: ${unsynced.report.problem ?? "is loading"}`,
      };
    const garbled = reports.find(({ report }) => report.undecodable > 0);
    if (garbled !== undefined)
      return {
        reason: "undecodable",
        detail: `${garbled.report.undecodable} objects in shard ${garbled.ordinal}`,
      };
    if (track === undefined) return fine;
    const late = this.#late(track, reports, now);
    this.#prove(track, reports, { name, now });
    return track.fault ?? late ?? fine;
  }

  #prove(
    track: Track,
    reports: readonly { ordinal: string; report: ReflectorReport }[],
    { name, now }: { readonly name: string; readonly now: number },
  ): void {
    const common = Math.min(...reports.map(({ report }) => report.version));
    const parts = readAll(track.views, reports, common);
    const wholes = readAll(track.streams, reports, common);
    const streams = parts && wholes && compareStreams(parts, wholes, common);
    const isCounted = takeCount(track, reports, common);
    if (streams !== undefined || isCounted) {
      track.fault = [streams, track.count?.verdict, track.census?.verdict].find(
        (verdict) => verdict !== undefined && verdict.reason !== "",
      );
      if (track.fault === undefined) this.#provenAt.set(name, now);
    }
    // Counts above this version are judged when all have come to them.
    for (const rings of [track.views, track.streams])
      for (const ring of rings.values()) ring.forget(common);
  }

  #late(
    track: Track,
    reports: readonly { ordinal: string; report: ReflectorReport }[],
    now: number,
  ): Verdict | undefined {
    const events = Math.max(...reports.map(({ report }) => report.eventVersion));
    const any = Math.max(
      ...reports.map(({ report }) => Math.max(report.version, report.probe?.version ?? 0)),
    );
    let late: Verdict | undefined;
    for (const { ordinal, report } of reports) {
      const before = track.due.get(ordinal);
      // Where streams are filtered, an event of another shard says nothing about this one.
      const event = dueAfter(before?.event, {
        version: report.stream === undefined ? 0 : events,
        has: report.version,
        now,
      });
      const all = dueAfter(before?.any, { version: any, has: report.version, now });
      track.due.set(ordinal, { event, any: all });
      const isLate = now - event.since > behindEventMs || now - all.since > behindAnyMs;
      if (isLate)
        late ??= {
          reason: "behind",
          detail: `shard ${ordinal} is at ${report.version}, others are at ${any}`,
        };
    }
    return late;
  }
}

/** The version that is waited for stays the same until it is reached; then the newest one takes its place. */
function dueAfter(
  before: Due | undefined,
  { version, has, now }: { readonly version: number; readonly has: number; readonly now: number },
): Due {
  if (before === undefined || has >= before.version) return { version, since: now };
  return before;
}

/** The sums of all shards at a version, in their order; undefined if one of them does not know. */
function readAll(
  rings: ReadonlyMap<string, Ring>,
  reports: readonly { readonly ordinal: string }[],
  version: number,
): Named[] | undefined {
  const all: Named[] = [];
  for (const { ordinal } of reports) {
    const sums = rings.get(ordinal)?.at(version);
    if (sums === undefined) return undefined;
    all.push({ ...sums, ordinal });
  }
  return all;
}

/** Judges the newest count of the API server at a version that all shards have reached, once; answers whether there was one. */
function takeCount(
  track: Track,
  reports: readonly { readonly ordinal: string; readonly report: ReflectorReport }[],
  common: number,
): boolean {
  // Whoever lists anew may have found what was missing; and after a restore of etcd versions begin anew.
  const isOld = (judged: Judged | undefined): boolean =>
    judged !== undefined &&
    (judged.version > common ||
      [...track.views.values()].some((ring) => ring.since > judged.version));
  if (isOld(track.count)) track.count = undefined;
  if (isOld(track.census)) track.census = undefined;
  const newest = newestCount(reports, common);
  const before = newest?.sums === undefined ? track.count : track.census;
  if (newest === undefined || newest.version === before?.version) return false;
  const held = readAll(track.views, reports, newest.version);
  if (held === undefined) return false;
  track.count = { version: newest.version, verdict: compareCount(held, newest) };
  // That two objects are mistaken for each other is seen by a list only: a mere count does not disprove it.
  if (newest.sums !== undefined) track.census = track.count;
  return true;
}

function newestCount(
  reports: readonly { readonly report: ReflectorReport }[],
  common: number,
): Counted | undefined {
  const counts = reports.flatMap(({ report }) => report.probe ?? []);
  return counts
    .filter(({ version }) => version <= common)
    .toSorted((a, b) => b.version - a.version)[0];
}
