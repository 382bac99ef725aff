import { ExporterError } from "@kube-state-mosaic/errors";
import type { ReflectorSink } from "@kube-state-mosaic/kubernetes";
import type { Renderer } from "@kube-state-mosaic/metric-families";
import type { MetricsStore } from "@kube-state-mosaic/store";
import type { RawObject } from "@kube-state-mosaic/wire";
import type { Accounting } from "./accounting.ts";
import type { Gain } from "./gain.ts";
import type { Placement } from "./placement.ts";

/** What turns the bytes of an object into a row of its store. */
export interface ObjectSinkOptions<T> {
  readonly placement: Placement;
  readonly decode: (raw: RawObject) => T;
  readonly renderer: Renderer<T>;
  readonly store: MetricsStore;
  /** The store's ledger. */
  readonly accounting: Accounting;
}

/**
 * Bytes to row: whose object it is, is decided on the undecoded bytes; only own objects whose version is new are decoded and rendered.
 * An object without a UID belongs to nobody and would be missing everywhere: it is an error, never skipped.
 */
export class ObjectSink<T> implements ReflectorSink {
  readonly #options: ObjectSinkOptions<T>;
  readonly #store: MetricsStore;
  readonly #accounting: Accounting;
  /** What is being gained beside the stream; nearly always none. */
  #gains: readonly Gain[] = [];

  constructor(options: ObjectSinkOptions<T>) {
    this.#options = options;
    this.#store = options.store;
    this.#accounting = options.accounting;
  }

  get gains(): readonly Gain[] {
    return this.#gains;
  }

  addGain(gain: Gain): void {
    this.#gains = [...this.#gains, gain];
    this.#accounting.gainStarted((slot) => gain.covers(slot));
  }

  removeGain(gain: Gain): void {
    this.#gains = this.#gains.filter((other) => other !== gain);
  }

  listStarted(versionsRestarted: boolean): void {
    for (const gain of this.#gains) gain.interrupt();
    this.#accounting.listStarted();
    this.#store.beginReplace(versionsRestarted);
  }

  listCompleted(resourceVersion: string): void {
    this.#accounting.applyingList();
    this.#accounting.listCompleted(resourceVersion, this.#store.endReplace());
  }

  listFailed(): void {
    this.#store.abortReplace();
  }

  bookmark(resourceVersion: string): void {
    for (const gain of this.#gains) gain.passed(resourceVersion);
    this.#accounting.bookmark(resourceVersion);
  }

  set(raw: RawObject, origin: "list" | "watch", added: boolean): void {
    this.#accounting.passed(raw, added ? "born" : "changed");
    const slot = this.#slotOf(raw);
    if (slot < 0) return;
    if (origin === "watch" && this.#gainOf(slot)?.takesEvent(raw, "MODIFIED") === false) return;
    this.#write(raw, slot);
  }

  delete(raw: RawObject): void {
    this.#accounting.passed(raw, "died");
    const slot = this.#slotOf(raw);
    if (slot < 0 || this.#gainOf(slot)?.takesEvent(raw, "DELETED") === false) return;
    this.#accounting.applying(raw, slot);
    this.#store.delete(raw.uid);
  }

  /** The sink of the list that a gain makes beside the stream. */
  listSink(gain: Gain): ReflectorSink {
    return {
      set: (raw) => {
        this.#accounting.applyingList();
        const slot = this.#slotOf(raw);
        if (slot >= 0 && gain.covers(slot) && gain.takesItem(raw)) this.#write(raw, slot);
      },
      listCompleted: (resourceVersion) => {
        this.#accounting.applyingList();
        gain.completed(resourceVersion);
        this.#accounting.gainCompleted((slot) => gain.covers(slot), resourceVersion);
      },
      listStarted: () => undefined,
      listFailed: () => undefined,
      delete: () => undefined,
      bookmark: () => undefined,
    };
  }

  #gainOf(slot: number): Gain | undefined {
    for (const gain of this.#gains) if (gain.covers(slot)) return gain;
    return undefined;
  }

  #slotOf(raw: RawObject): number {
    const { uidBytes, uidStart, uidEnd, namespace, name } = raw;
    if (uidStart === uidEnd) {
      this.#accounting.failed(raw);
      throw new ExporterError(
        "OBJECT_WITHOUT_UID",
        `object "${namespace}/${name}" has no metadata.uid, so no shard can own it; it is left out until the API server sends one`,
      );
    }
    return this.#options.placement.slotOf(uidBytes, uidStart, uidEnd);
  }

  #write(raw: RawObject, hashSlot: number): void {
    const { decode, renderer, placement } = this.#options;
    const { uid, resourceVersion, namespace, name } = raw;
    this.#accounting.applying(raw, hashSlot);
    if (this.#store.hasVersion(uid, resourceVersion)) return;
    let texts: string[];
    try {
      texts = renderer.render(decode(raw));
    } catch (error) {
      // It exists, so what is known of it stays; without this a list would sweep it.
      this.#store.keep(uid);
      this.#accounting.failed(raw);
      throw error;
    }
    const departure = placement.classOf(hashSlot);
    this.#store.set({ uid, resourceVersion, namespace, name, texts, departure, hashSlot });
  }
}
