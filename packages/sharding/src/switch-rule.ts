import type { LayoutState } from "./layout-state.ts";
import type { Layout } from "./layout.ts";
import { compareVersions } from "./resource-version.ts";
import { timing } from "./timing.ts";

/** What the last answer contained of one reflector of one shard. Versions are those of its resource. */
export interface ShownVersions {
  /** Everything up to here had been delivered; undefined if what was shown can be newer, since a list was being read. */
  readonly reached: string | undefined;
  /**
   * If the shard was asked for both epochs: by the ordinal of each gaining shard the highest version applied in the slots that move
   * there, where a list counts for all its slots. Lower than `reached`, so that quiet gainers need not wait for a bookmark.
   */
  readonly shown?: ReadonlyMap<string, string>;
}

/** The newest manifest of a shard, of this cycle or an old one. */
export interface ShardProgress {
  /** Epochs that it has answered. */
  readonly epochs: readonly number[];
  /**
   * By reflector: up to here everything has been delivered in all slots that it gains; the highest of list, events and bookmarks.
   */
  readonly covered: ReadonlyMap<string, string>;
}

export interface SwitchInput {
  /** The layout of the last answer; undefined before the first. */
  readonly serving: Layout | undefined;
  readonly state: LayoutState;
  /** By ordinal and reflector, the blocks that the last answer was made of, also those of shards that are dead now. */
  readonly answered: ReadonlyMap<string, ReadonlyMap<string, ShownVersions>>;
  /** By ordinal. */
  readonly shards: ReadonlyMap<string, ShardProgress>;
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
export function epochsToAsk(serving: Layout | undefined, { active }: LayoutState): number[] {
  if (serving === undefined || serving.epoch >= active.epoch) return [active.epoch];
  return [serving.epoch, active.epoch];
}

/**
 * Of which epoch an answer is made. The change comes with the first cycle in which each gaining shard has everything that the last
 * answer showed of the slots it gains, so nothing disappears, grows older or comes back; or shortly before the old views are gone.
 * The last answer counts, not the losers' newest manifests: under churn one of them is always ahead of some gainer.
 */
export function decideEpoch(input: SwitchInput): SwitchDecision {
  const { serving, state, wall } = input;
  const { active, previous } = state;
  const newest = Math.max(serving?.epoch ?? 0, active.epoch);
  if (serving === undefined || serving.epoch === newest)
    return { epoch: newest, unproven: false, waitingFor: [] };
  const waitingFor = unmetConditions(serving, input);
  if (waitingFor.length === 0) return { epoch: newest, unproven: false, waitingFor };
  const isNext = previous?.epoch === serving.epoch;
  const isLast = wall >= active.activateAt + timing.grace - timing.skew;
  if (isNext && !isLast) return { epoch: serving.epoch, unproven: false, waitingFor };
  return { epoch: newest, unproven: true, waitingFor };
}

function unmetConditions(serving: Layout, { state, answered, shards }: SwitchInput): string[] {
  const { active } = state;
  const unmet = new Set<string>();
  for (const gaining of active.members)
    if (shards.get(gaining)?.epochs.includes(active.epoch) !== true) unmet.add(`shard ${gaining}`);
  for (const [losing, gaining] of movesBetween(serving, active))
    for (const [name, { reached, shown }] of answered.get(losing) ?? []) {
      const covered = shards.get(gaining)?.covered.get(name) ?? "";
      const needed = shown?.get(gaining) ?? reached;
      if (needed === undefined || compareVersions(covered, needed) < 0)
        unmet.add(`${name} of shard ${gaining}`);
    }
  return [...unmet];
}

/** Pairs of ordinals between which slots move. */
function movesBetween(from: Layout, to: Layout): [string, string][] {
  const pairs = new Map<number, [string, string]>();
  from.slots.forEach((owner, slot) => {
    const heir = to.slots[slot] ?? 0;
    const [losing, gaining] = [from.members[owner] ?? "", to.members[heir] ?? ""];
    if (losing !== gaining) pairs.set(owner * 256 + heir, [losing, gaining]);
  });
  return [...pairs.values()];
}
