import {
  GainMerge,
  slotCount,
  type GainEvent,
  type MergeDecision,
} from "@kube-state-mosaic/sharding";
import type { Resource, Thing } from "./cluster.ts";
import { versionAt } from "./cluster.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

export interface StoredRow {
  readonly thing: Thing;
  readonly version: number;
}

interface Gain {
  readonly merge: GainMerge;
  readonly slots: readonly number[];
  items: { thing: Thing; version: number }[];
  version: number;
  done: boolean;
}

export interface StreamSettings {
  /** How long a list takes, in milliseconds. */
  readonly listTime: () => number;
  /** How late the watch is, in milliseconds. */
  readonly lag: () => number;
  /** Lists come from a cache that may be behind, as with `resourceVersion=0`. */
  readonly staleLists: boolean;
}

/** One worker's reflector of one resource and the rows it keeps: one watch, and lists for slots that are gained beside it. */
export class ShardStore {
  readonly resource: Resource;
  readonly rows: Map<string, StoredRow> = new Map();
  /** 1 for slots whose events are applied. */
  readonly applying: Uint8Array = new Uint8Array(slotCount);
  /** 1 for slots that have been listed. */
  readonly complete: Uint8Array = new Uint8Array(slotCount);
  /** The highest version applied in a slot; a list counts for all its slots. */
  readonly shown: Float64Array = new Float64Array(slotCount);
  /** The version of the list that brought a slot. */
  readonly listed: Float64Array = new Float64Array(slotCount);
  /** The version up to which the watch has been delivered; -1 while it is closed. */
  cursor = -1;
  /** The newest version of the watch or any list. */
  reachedUpTo = 0;
  cut = false;
  gone = false;
  /** Something became complete, or stopped being so. */
  onChange: () => void = () => {};
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #settings: StreamSettings;
  readonly #gainOf = new Map<number, Gain>();
  #waiting: number[][] = [];
  #opening = false;

  constructor(
    resource: Resource,
    world: { timeline: Timeline; random: Random },
    settings: StreamSettings,
  ) {
    this.resource = resource;
    this.#timeline = world.timeline;
    this.#random = world.random;
    this.#settings = settings;
    this.#timeline.every(
      () => this.#random.between(200, 1_500),
      () => this.gone,
      () => this.#pump(),
    );
  }

  /** Takes slots in: with the first list of the stream, or by a list of their own once the watch is open. */
  gain(slots: readonly number[]): void {
    if (this.cursor < 0) {
      this.#waiting.push([...slots]);
      if (!this.#opening) this.#open();
      return;
    }
    const merge = new GainMerge({
      versionOf: (uid) => {
        const row = this.rows.get(uid);
        return row === undefined ? undefined : String(row.version);
      },
      uids: () => this.#uidsOf(gain),
    });
    const gain: Gain = { merge, slots, items: [], version: 0, done: false };
    for (const slot of slots) {
      this.applying[slot] = 1;
      this.complete[slot] = 0;
      this.#gainOf.set(slot, gain);
    }
    this.#timeline.after(this.#random.between(10, 2_000), () => this.#list(gain));
  }

  /** Forgets slots that no view needs. */
  free(isNeeded: (slot: number) => boolean): void {
    for (let slot = 0; slot < slotCount; slot++)
      if (this.applying[slot] === 1 && !isNeeded(slot)) {
        this.applying[slot] = 0;
        this.complete[slot] = 0;
        this.shown[slot] = 0;
        this.#gainOf.delete(slot);
      }
    for (const [uid, { thing }] of this.rows)
      if (this.applying[thing.slot] === 0) this.rows.delete(uid);
    this.#waiting = this.#waiting.map((slots) => slots.filter(isNeeded));
  }

  isTaken(slot: number): boolean {
    return this.applying[slot] === 1 || this.#waiting.some((slots) => slots.includes(slot));
  }

  /** The watch breaks, and its version is gone: everything is listed again. Rows stay until the list is complete. */
  expire(): void {
    if (this.cursor < 0 || this.gone) return;
    this.cursor = -1;
    this.#gainOf.clear();
    this.#open();
    this.onChange();
  }

  /** What a slot is known up to. */
  coveredAt(slot: number): number {
    return Math.max(this.cursor, this.listed[slot] ?? 0);
  }

  /** Objects of complete slots that are not as in the world of the version that their slot has reached. */
  faults(): string[] {
    const result: string[] = [];
    for (const thing of this.resource.things) {
      if (this.cursor < 0 || this.complete[thing.slot] === 0) continue;
      const expected = versionAt(thing, this.coveredAt(thing.slot));
      const actual = this.rows.get(thing.uid)?.version ?? 0;
      if (expected !== actual) result.push(`${thing.uid} at ${actual} instead of ${expected}`);
    }
    return result;
  }

  #open(): void {
    this.#opening = true;
    const listTime = this.#settings.listTime();
    const version = this.#listVersion();
    const slots = this.#waiting.flat();
    this.#waiting = [];
    for (const slot of slots) this.applying[slot] = 1;
    // Slots that are gained from here on wait for the watch: a list of theirs might lie before it.
    this.#timeline.after(listTime, () => {
      if (this.gone) return;
      if (this.cut) {
        this.#waiting.unshift(slots.filter((slot) => this.applying[slot] === 1));
        return this.#open();
      }
      this.#opening = false;
      this.#replace(version);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const later of waiting) this.gain(later);
      this.onChange();
    });
  }

  #replace(version: number): void {
    this.rows.clear();
    for (const thing of this.resource.things) {
      const alive = versionAt(thing, version);
      if (alive > 0 && this.applying[thing.slot] === 1)
        this.rows.set(thing.uid, { thing, version: alive });
    }
    for (let slot = 0; slot < slotCount; slot++)
      if (this.applying[slot] === 1) this.#markListed(slot, version);
    this.cursor = version;
  }

  #markListed(slot: number, version: number): void {
    this.complete[slot] = 1;
    this.listed[slot] = version;
    this.reachedUpTo = Math.max(this.reachedUpTo, version);
    this.shown[slot] = Math.max(this.shown[slot] ?? 0, version);
  }

  #listVersion(): number {
    const { version } = this.resource;
    return this.#settings.staleLists ? Math.max(0, version - this.#random.whole(0, 30)) : version;
  }

  #list(gain: Gain): void {
    if (this.gone || !this.#isCurrent(gain)) return;
    gain.version = this.#listVersion();
    gain.items = [];
    for (const thing of this.resource.things) {
      const version = this.#gainOf.get(thing.slot) === gain ? versionAt(thing, gain.version) : 0;
      if (version > 0) gain.items.push({ thing, version });
    }
    const parts = 3;
    const pause = this.#settings.listTime() / parts;
    const part = (remaining: number): void => {
      if (this.gone || !this.#isCurrent(gain)) return;
      if (this.cut || this.#random.chance(0.02)) {
        gain.merge.listRestarted();
        this.#timeline.after(1_000, () => this.#list(gain));
        return;
      }
      const size = remaining === 1 ? gain.items.length : Math.ceil(gain.items.length / remaining);
      for (const { thing, version } of gain.items.splice(0, size)) this.#item(gain, thing, version);
      if (remaining > 1) this.#timeline.after(pause, () => part(remaining - 1));
      else this.#completeList(gain);
    };
    this.#timeline.after(pause, () => part(parts));
  }

  #item(gain: Gain, thing: Thing, version: number): void {
    if (this.#gainOf.get(thing.slot) !== gain) return;
    const item = { uid: thing.uid, resourceVersion: String(version) };
    if (gain.merge.listItem(item) === "apply") this.rows.set(thing.uid, { thing, version });
  }

  #completeList(gain: Gain): void {
    for (const uid of gain.merge.listCompleted(String(gain.version))) this.rows.delete(uid);
    gain.done = true;
    for (const slot of gain.slots)
      if (this.#gainOf.get(slot) === gain) this.#markListed(slot, gain.version);
    this.onChange();
  }

  #isCurrent(gain: Gain): boolean {
    return gain.slots.some((slot) => this.#gainOf.get(slot) === gain);
  }

  *#uidsOf(gain: Gain): Iterable<string> {
    for (const [uid, { thing }] of this.rows) if (this.#gainOf.get(thing.slot) === gain) yield uid;
  }

  #pump(): void {
    if (this.cursor < 0 || this.cut) return;
    const until = this.#timeline.now - this.#settings.lag();
    for (;;) {
      const change = this.resource.log[this.cursor];
      if (change === undefined || change.time > until) break;
      this.cursor = change.version;
      this.reachedUpTo = Math.max(this.reachedUpTo, this.cursor);
      const { slot } = change.thing;
      if (this.applying[slot] === 1) this.#apply(change.thing, change.version, change.type);
    }
  }

  #apply(thing: Thing, version: number, type: GainEvent["type"]): void {
    const { uid, slot } = thing;
    const gain = this.#gainOf.get(slot);
    let decision: MergeDecision = "apply";
    if (gain !== undefined)
      decision = gain.merge.applyEvent({ uid, resourceVersion: String(version), type });
    if (gain?.done === true && this.cursor >= gain.version) this.#gainOf.delete(slot);
    if (decision === "drop") return;
    this.shown[slot] = Math.max(this.shown[slot] ?? 0, version);
    if (type === "DELETED") this.rows.delete(uid);
    else this.rows.set(uid, { thing, version });
  }
}
