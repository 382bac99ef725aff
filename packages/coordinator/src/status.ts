import { answersOf, type Cycle } from "./cycle.ts";
import { bytesOf, expositionSizes, type FamilySize } from "./family-sizes.ts";
import type { Workforce } from "./worker-source.ts";

/** What the status page shows, as JSON under `/status`. */
export interface Status {
  /** Unix milliseconds. */
  readonly now: number;
  readonly ready: boolean;
  readonly faults: readonly string[];
  readonly epoch: number;
  readonly cycleSeconds: number;
  readonly layout: StatusLayout | undefined;
  readonly pending: StatusLayout | undefined;
  readonly activateAt: number | undefined;
  readonly waitingFor: readonly string[];
  readonly shards: readonly StatusShard[];
  readonly resources: readonly StatusResource[];
  /** The largest ones. */
  readonly families: readonly FamilySize[];
  readonly sizes: { readonly text: number; readonly deflated: number; readonly objects: number };
}

interface StatusLayout {
  readonly epoch: number;
  readonly hash: string;
  readonly members: readonly string[];
  /** Runs of slots: index of the owner, number of slots. */
  readonly runs: readonly (readonly [index: number, slots: number])[];
}

interface StatusShard {
  readonly ordinal: string;
  readonly index: number;
  readonly url: string;
  readonly state: "live" | "stale" | "missing";
  readonly isText: boolean;
  readonly age: number;
  readonly failure: string | undefined;
  readonly objects: number;
  readonly deflated: number;
  readonly image: string;
  readonly freshness: string;
  readonly leaving: boolean;
  readonly views: Readonly<Record<string, string>>;
  readonly reason: string;
}

interface StatusResource {
  readonly name: string;
  readonly complete: boolean;
  readonly reason: string;
  readonly detail: string;
  readonly verifiedAge: number | undefined;
  readonly objects: number;
  /** Shards that have it completely. */
  readonly synced: number;
  readonly problem: string;
}

/** The state after the newest cycle. */
export async function statusOf(
  cycle: Cycle | undefined,
  { layout, workers, problem }: Workforce,
  now: number,
): Promise<Status> {
  const shards = cycle?.shards ?? [];
  const members = new Set(shards.map(({ ordinal }) => ordinal));
  const sizes = cycle && (await expositionSizes(cycle));
  const { active, pending } = layout ?? {};
  const shown = cycle?.layout ?? active;
  return {
    now,
    ready: cycle?.faults.length === 0,
    faults: cycle?.faults ?? [problem ?? "no fetch has finished yet"],
    epoch: cycle?.epoch ?? 0,
    cycleSeconds: cycle?.seconds ?? 0,
    layout: shown && layoutStatus(shown),
    pending: pending
      ? layoutStatus(pending)
      : active && active.epoch !== shown?.epoch
        ? layoutStatus(active)
        : undefined,
    activateAt: active?.activateAt,
    waitingFor: cycle?.waitingFor ?? [],
    shards: [
      ...shards.map((shard): StatusShard => {
        const { ordinal, index, url, state, isText, age, failure, record, answer } = shard;
        const objects =
          answer?.manifest.resources.reduce((rows, resource) => rows + resource.rows, 0) ?? 0;
        const deflated = bytesOf(answer?.families.flat() ?? []).deflated;
        return {
          ordinal,
          index,
          url,
          state,
          isText,
          age,
          failure,
          objects,
          deflated,
          ...recordStatus(record),
        };
      }),
      ...workers
        .filter(({ ordinal }) => !members.has(ordinal) && cycle !== undefined)
        .map(({ ordinal, url, record }): StatusShard => {
          return {
            ordinal,
            index: -1,
            url,
            state: "live",
            isText: false,
            age: 0,
            failure: undefined,
            objects: 0,
            deflated: 0,
            ...recordStatus(record),
          };
        }),
    ],
    resources: resourceStatus(cycle),
    families: sizes?.largest ?? [],
    sizes: {
      text: sizes?.text ?? 0,
      deflated: sizes?.deflated ?? 0,
      objects: cycle?.proofs.reduce((total, { objects }) => total + objects, 0) ?? 0,
    },
  };
}

function recordStatus(record: Workforce["workers"][number]["record"]) {
  return {
    image: record?.image ?? "",
    freshness: record?.freshness ?? "",
    leaving: record?.leaving ?? false,
    views: record?.views ?? {},
    reason: record?.reason ?? "",
  };
}

function layoutStatus(layout: NonNullable<Cycle["layout"]>): StatusLayout {
  const { epoch, hash, members, slots } = layout;
  const runs: [number, number][] = [];
  for (const index of slots) {
    const last = runs.at(-1);
    if (last?.[0] === index) last[1]++;
    else runs.push([index, 1]);
  }
  return { epoch, hash, members, runs };
}

function resourceStatus(cycle: Cycle | undefined): StatusResource[] {
  const reports = (cycle === undefined ? [] : answersOf(cycle)).flatMap(
    ({ manifest }) => manifest.reflectors,
  );
  return (cycle?.proofs ?? [])
    .map(({ resource, ...proof }) => {
      const own = reports.filter((report) => report.resource === resource);
      return {
        name: resource,
        ...proof,
        synced: own.filter(({ synced }) => synced).length,
        problem: own.find((report) => report.problem !== undefined)?.problem ?? "",
      };
    })
    .toSorted((a, b) => Number(a.complete) - Number(b.complete) || b.objects - a.objects);
}
