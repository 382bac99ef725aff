import type { ShardIdentity } from "@kube-state-mosaic/store";

/** One way to answer: as which shard, and with which rows. */
export interface AnswerableView {
  readonly identity: ShardIdentity;
  /** Chooses row groups by class; absent: all. */
  readonly shows?: (departure: number) => boolean;
  /** Set for a worker that is no member of the layout: it has nothing to say, and that is right. */
  readonly empty?: true;
  /** One byte a slot; absent: all that is held. */
  readonly slots?: Uint8Array;
  /** While another layout has been committed or is prepared: slot to the ordinal of the shard that it moves to. */
  readonly gainers?: ReadonlyMap<number, string>;
  /** Of the layout. */
  readonly digest?: string;
}

/** The layouts a worker can answer for. */
export interface Views {
  /** What a scrape without `epoch=` gets; undefined while there is none, or while it is not complete. */
  current(): AnswerableView | undefined;
  at(epoch: number): AnswerableView | undefined;
  /** Epochs that `at` knows. */
  readonly epochs: readonly number[];
  /** What `current` waits for. */
  readonly waiting: readonly string[];
  /** For the readiness of the pod, which does not wait for a layout to come into force. */
  readonly readiness: ViewsReadiness;
}

export interface ViewsReadiness {
  /** Whether some layout counts on this worker. */
  readonly isMember: boolean;
  /** What its share of the newest of them waits for. */
  readonly waiting: readonly string[];
}

/** The one view of a shard whose number never changes. */
export function fixedView(identity: ShardIdentity): Views {
  const view = { identity };
  return {
    current: () => view,
    at: (epoch) => (epoch === identity.epoch ? view : undefined),
    epochs: [identity.epoch],
    waiting: [],
    readiness: { isMember: true, waiting: [] },
  };
}
