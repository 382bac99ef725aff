import type { Ownership } from "@kube-state-mosaic/sharding";

/** Where the rows of an object go, decided on the bytes of its UID before anything is decoded. */
export interface Placement {
  /** The slot of the object whose UID is `bytes[start, end)`; -1 if this worker keeps no rows of it. */
  slotOf(bytes: Uint8Array, start: number, end: number): number;
  /** The row group class of a slot that is kept. */
  classOf(slot: number): number;
}

/** One class for everything that is owned: for shards that never change. */
export function fixedPlacement(ownership: Ownership): Placement {
  return {
    slotOf: (bytes, start, end) => (ownership.owns(bytes, start, end) ? 0 : -1),
    classOf: () => 0,
  };
}
