import type { LayoutState } from "./layout-state.ts";
import { compareVersions } from "./resource-version.ts";
import { timing } from "./timing.ts";

/** What the newest manifest of one shard says about one reflector. Versions are those of its resource. */
export interface ReflectorHandover {
  /** Up to here everything has been delivered in all slots that this shard gains: the highest of list, events and bookmarks. */
  readonly covered: string;
  /**
   * By the ordinal of each gaining shard: the highest version that has been applied in the slots that move there; where a relist swept
   * one of their rows, the version of that list. The highest one ever received counts, also from an incarnation that is gone.
   */
  readonly shown: ReadonlyMap<string, string>;
}

export interface ShardHandover {
  /** Epochs that it can answer. */
  readonly epochs: readonly number[];
  /** By reflector. */
  readonly reflectors: ReadonlyMap<string, ReflectorHandover>;
}

export interface SwitchInput {
  /** The epoch of the last answer; undefined before the first. */
  readonly serving: number | undefined;
  readonly state: LayoutState;
  /**
   * By ordinal, the newest manifest received, of live and dead shards: what a dead one has shown counts too.
   * `shown` compares the serving layout with the active one.
   */
  readonly shards: ReadonlyMap<string, ShardHandover>;
  /** Unix time in milliseconds by the coordinator's clock. */
  readonly wall: number;
}

export interface SwitchDecision {
  readonly epoch: number;
  /** The epoch changes although this is not shown to be gapless; the answer has to say so. */
  readonly unproven: boolean;
  /** What the change still waits for. */
  readonly waitingFor: readonly string[];
}

/** The epochs to ask all members for in the next cycle. */
export function epochsToAsk(serving: number | undefined, { active }: LayoutState): number[] {
  return serving === undefined || serving >= active.epoch
    ? [active.epoch]
    : [serving, active.epoch];
}

/**
 * From which epoch on an answer is made. The change comes with the first cycle in which each gaining shard has everything that its
 * losing shards have ever shown, so nothing disappears and nothing deleted comes back; or shortly before the old views are gone.
 */
export function decideEpoch({ serving, state, shards, wall }: SwitchInput): SwitchDecision {
  const { active, previous } = state;
  if (serving === undefined || serving >= active.epoch)
    return { epoch: Math.max(serving ?? 0, active.epoch), unproven: false, waitingFor: [] };
  const missed = active.members.flatMap((ordinal) => missing(ordinal, active.epoch, shards));
  const waitingFor = [...new Set(missed)];
  if (waitingFor.length === 0) return { epoch: active.epoch, unproven: false, waitingFor };
  const isNext = previous?.epoch === serving;
  const isLast = wall >= active.activateAt + timing.grace - timing.skew;
  if (isNext && !isLast) return { epoch: serving, unproven: false, waitingFor };
  return { epoch: active.epoch, unproven: true, waitingFor };
}

function missing(
  gaining: string,
  epoch: number,
  shards: ReadonlyMap<string, ShardHandover>,
): string[] {
  const gainer = shards.get(gaining);
  if (gainer === undefined || !gainer.epochs.includes(epoch)) return [`shard ${gaining}`];
  const result: string[] = [];
  for (const [losing, { reflectors }] of shards)
    for (const [name, { shown }] of reflectors) {
      const needed = shown.get(gaining);
      if (needed === undefined || losing === gaining) continue;
      const covered = gainer.reflectors.get(name)?.covered ?? "";
      if (compareVersions(covered, needed) < 0) result.push(`${name} of shard ${gaining}`);
    }
  return result;
}
