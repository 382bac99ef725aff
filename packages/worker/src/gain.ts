import { GainMerge, newerVersion } from "@kube-state-mosaic/sharding";
import type { MetricsStore } from "@kube-state-mosaic/store";
import type { RawObject } from "@kube-state-mosaic/wire";

/**
 * The slots that one stream gains beside what it has: events of these slots are applied from now on, and a consistent list that
 * is requested later brings what is there already (handover W2). While it lasts, it decides for each event and item of its
 * slots whether the store shows something as new.
 */
export class Gain {
  /** One byte a slot. */
  readonly #slots: Uint8Array;
  readonly #store: MetricsStore;
  #merge: GainMerge | undefined;
  /** UIDs of rows that came since the list was requested. */
  #uids = new Set<string>();
  #attempt = new AbortController();
  #listed = false;

  constructor(slots: Uint8Array, store: MetricsStore) {
    this.#slots = slots;
    this.#store = store;
    this.#begin();
  }

  /** The list is complete. */
  get listed(): boolean {
    return this.#listed;
  }

  covers(slot: number): boolean {
    return this.#slots[slot] === 1;
  }

  sharesSlots(slots: Uint8Array): boolean {
    return this.#slots.some((gained, slot) => gained === 1 && slots[slot] === 1);
  }

  /** A new list is about to be requested; the signal tells it to stop. */
  begin(): AbortSignal {
    this.#begin();
    return this.#attempt.signal;
  }

  /** The stream itself lists again: that brings these slots too, so a list beside it would only disturb it. */
  interrupt(): void {
    this.#attempt.abort();
    this.#merge = undefined;
  }

  /** Whether an event of one of the slots is to be applied. */
  takesEvent({ uid, resourceVersion }: RawObject, type: "MODIFIED" | "DELETED"): boolean {
    const decision = this.#merge?.applyEvent({ uid, resourceVersion, type }) ?? "apply";
    if (decision === "apply" && type === "MODIFIED" && this.#merge !== undefined)
      this.#uids.add(uid);
    this.passed(resourceVersion);
    return decision === "apply";
  }

  /** Whether an item of the list is to be applied. */
  takesItem({ uid, resourceVersion }: RawObject): boolean {
    if (this.#merge?.listItem({ uid, resourceVersion }) !== "apply") return false;
    this.#uids.add(uid);
    return true;
  }

  /** The list is whole: sweeps what earlier lists brought and this one did not. */
  completed(resourceVersion: string): void {
    for (const uid of this.#merge?.listCompleted(resourceVersion) ?? []) this.#store.delete(uid);
    this.#uids.clear();
    this.#listed = true;
  }

  /** The watch has reached this version: once it is beyond the list's, nothing is left to merge. */
  passed(resourceVersion: string): void {
    const version = this.#merge?.listVersion;
    if (version === undefined || newerVersion(resourceVersion, version) === version) return;
    this.#merge = undefined;
  }

  /** Nothing left to decide: the list is complete, and the watch beyond it. */
  get over(): boolean {
    return this.#listed && this.#merge === undefined;
  }

  #begin(): void {
    this.#attempt.abort();
    this.#attempt = new AbortController();
    const rows = {
      versionOf: (uid: string) => this.#store.version(uid),
      uids: () => this.#uids,
    };
    if (this.#merge === undefined) this.#merge = new GainMerge(rows);
    else this.#merge.listRestarted();
  }
}
