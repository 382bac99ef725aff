import {
  departureClasses,
  hashNamed,
  indexOf,
  isHashName,
  ownedSlots,
  slotCount,
  slotOf,
  type Hash,
  type Layout,
} from "@kube-state-mosaic/sharding";
import type { Placement } from "./placement.ts";

/** What a new view means for the rows. */
export interface ShareChange {
  /** One byte a slot: 1 where rows have to be listed that nobody here holds. */
  readonly gained: Uint8Array;
  /** Classes that the view takes apart: their rows have to be regrouped before it can be shown. */
  readonly split: ReadonlySet<number>;
}

const nowhere = -1;

/**
 * Which slots a worker keeps for the views of several layouts, in which classes of row groups, and which classes each view
 * shows. A class is shown by a view as a whole or not at all, so a view is a list of groups and two views share what they can.
 * Classes are never used twice.
 */
export class Share implements Placement {
  readonly #ordinal: string;
  readonly #classes = new Int32Array(slotCount).fill(nowhere);
  readonly #views = new Map<number, Set<number>>();
  #hash: Hash | undefined;
  #lastClass = -1;

  /** `ordinal` as layouts name this member. */
  constructor(ordinal: string) {
    this.#ordinal = ordinal;
  }

  slotOf(bytes: Uint8Array, start: number, end: number): number {
    if (this.#hash === undefined) return nowhere;
    const slot = slotOf(this.#hash.of(bytes, start, end));
    return this.#classes[slot] === nowhere ? nowhere : slot;
  }

  classOf(slot: number): number {
    return this.#classes[slot] ?? nowhere;
  }

  /** Whether views of a layout can be kept beside those there are: it must use a hash that is known, and the same one. */
  supports({ hash }: Layout): boolean {
    return isHashName(hash) && (this.#hash?.name ?? hash) === hash;
  }

  /** Keeps what the layout gives this member from now on. Only for layouts that are supported. */
  add(layout: Layout): ShareChange {
    if (isHashName(layout.hash)) this.#hash ??= hashNamed(layout.hash);
    const owned = ownedSlots(layout, this.#ordinal);
    const split = this.#splitClasses(owned);
    const gained = new Uint8Array(slotCount);
    const departures = departureClasses(layout, indexOf(layout, this.#ordinal));
    const made = new Map<number, number>();
    const shown = new Set<number>();
    for (let slot = 0; slot < slotCount; slot++) {
      if (owned[slot] !== 1) continue;
      if (this.#classes[slot] === nowhere) {
        const departure = departures[slot] ?? 0;
        const known = made.get(departure) ?? ++this.#lastClass;
        made.set(departure, known);
        this.#classes[slot] = known;
        gained[slot] = 1;
      }
      shown.add(this.classOf(slot));
    }
    this.#views.set(layout.epoch, shown);
    return { gained, split };
  }

  /** Ends a view; answers the classes that no view shows any more. Their rows may go. */
  remove(epoch: number): ReadonlySet<number> {
    const shown = this.#views.get(epoch) ?? new Set<number>();
    this.#views.delete(epoch);
    const free = new Set([...shown].filter((kept) => !this.#isShown(kept)));
    for (let slot = 0; slot < slotCount; slot++)
      if (free.has(this.classOf(slot))) this.#classes[slot] = nowhere;
    return free;
  }

  /** The classes a view shows; none for an epoch without a view. */
  shows(epoch: number): (departure: number) => boolean {
    const shown = this.#views.get(epoch);
    return (departure) => shown?.has(departure) ?? false;
  }

  #isShown(departure: number): boolean {
    return [...this.#views.values()].some((shown) => shown.has(departure));
  }

  /** Gives the slots that leave a class a class of their own, where others of it stay: rare, since classes leave as predicted. */
  #splitClasses(owned: Uint8Array): Set<number> {
    const staying = new Set<number>();
    for (let slot = 0; slot < slotCount; slot++)
      if (owned[slot] === 1) staying.add(this.classOf(slot));
    const parts = new Map<number, number>();
    for (let slot = 0; slot < slotCount; slot++) {
      const whole = this.classOf(slot);
      if (owned[slot] === 1 || whole === nowhere || !staying.has(whole)) continue;
      let part = parts.get(whole);
      if (part === undefined) {
        part = ++this.#lastClass;
        parts.set(whole, part);
        for (const shown of this.#views.values()) if (shown.has(whole)) shown.add(part);
      }
      this.#classes[slot] = part;
    }
    return new Set(parts.keys());
  }
}
