import type { Layout } from "@kube-state-mosaic/sharding";
import type { BlockAnswer, MergeSource } from "@kube-state-mosaic/store";
import type { Proof } from "./completeness.ts";
import type { KeptSplices } from "./kept-splices.ts";
import type { Part } from "./part.ts";
import type { WorkerRecord } from "./worker-source.ts";

/** How one shard stands in an answer. */
export interface ShardState {
  readonly ordinal: string;
  readonly url: string;
  readonly index: number;
  readonly state: "live" | "stale" | "missing";
  /** What stands for it; undefined if it is missing. */
  readonly answer: BlockAnswer | undefined;
  /** Set where that is of an earlier layout: the hash slots of which rows count, one byte each. */
  readonly slots?: Uint8Array | undefined;
  /** It answered as text. */
  readonly isText: boolean;
  /** Seconds since its answer was received. */
  readonly age: number;
  /** Why it did not answer in this cycle; undefined if it did. */
  readonly failure: string | undefined;
  readonly record: WorkerRecord | undefined;
}

/** What one round of fetches came to. */
export interface Cycle {
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly epoch: number;
  readonly layout: Layout | undefined;
  /** By index. */
  readonly shards: readonly ShardState[];
  /** Why there is no answer, a line each; empty if there is one. */
  readonly faults: readonly string[];
  /** What a change of the layout waits for. */
  readonly waitingFor: readonly string[];
  readonly proofs: readonly Proof[];
  /** Rows of objects that are known to be dead, left out so far by this process. */
  readonly rowsCut: number;
  /** What makes the exposition, or one part of it, in the order of the shards. Good until the next cycle has finished. */
  sources(part: Part | undefined): readonly MergeSource[];
  /** Of these sources. */
  readonly splices: KeptSplices;
}

/** The answers that make up the exposition, in the order of the shards. */
export function answersOf(cycle: Cycle): BlockAnswer[] {
  return cycle.shards.flatMap(({ answer }) => answer ?? []);
}

/** One fetch of a cycle: which shard it should be, and what came. */
export interface Fetched {
  readonly ordinal: string;
  readonly url: string;
  readonly record: WorkerRecord | undefined;
  readonly index: number;
  readonly received:
    | { readonly answer: BlockAnswer; readonly at: number; readonly isText: boolean }
    | undefined;
  readonly failure: string | undefined;
}

/** Whether an answer is that of the shard that it was asked for; the reason why not. */
export function mismatch(
  { manifest }: BlockAnswer,
  expected: {
    readonly layout: Layout;
    readonly index: number;
    readonly record: WorkerRecord | undefined;
  },
): string | undefined {
  const { identity, digest, incarnation } = manifest;
  const { layout, index, record } = expected;
  if (
    incarnation !== "" &&
    record !== undefined &&
    record.incarnation !== "" &&
    record.incarnation !== incarnation
  )
    return `is incarnation ${incarnation}, but ${record.incarnation} is registered`;
  if (identity.epoch !== layout.epoch)
    return `answered epoch ${identity.epoch} when asked for ${layout.epoch}`;
  if (identity.shard !== index)
    return `says it is shard ${identity.shard}, the layout has it as ${index}`;
  if (digest !== "" && digest !== layout.digest)
    return `has another layout of epoch ${layout.epoch}: ${digest}, not ${layout.digest}`;
  return undefined;
}
