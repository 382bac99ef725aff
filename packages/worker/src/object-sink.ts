import { ExporterError } from "@kube-state-mosaic/errors";
import type { ReflectorSink } from "@kube-state-mosaic/kubernetes";
import type { Renderer } from "@kube-state-mosaic/metric-families";
import type { Ownership } from "@kube-state-mosaic/sharding";
import type { MetricsStore } from "@kube-state-mosaic/store";
import type { RawObject } from "@kube-state-mosaic/wire";

/** What turns the bytes of an object into a row of its store. */
export interface ObjectSinkOptions<T> {
  readonly ownership: Ownership;
  readonly decode: (raw: RawObject) => T;
  readonly renderer: Renderer<T>;
  readonly store: MetricsStore;
}

/**
 * Bytes to row: whose object it is, is decided on the undecoded bytes; only own objects whose version is new are decoded and rendered.
 * An object without a UID belongs to nobody and would be missing everywhere: it is an error, never skipped.
 */
export class ObjectSink<T> implements ReflectorSink {
  readonly #options: ObjectSinkOptions<T>;
  readonly #store: MetricsStore;

  constructor(options: ObjectSinkOptions<T>) {
    this.#options = options;
    this.#store = options.store;
  }

  listStarted(versionsRestarted: boolean): void {
    this.#store.beginReplace(versionsRestarted);
  }

  listCompleted(): void {
    this.#store.endReplace();
  }

  listFailed(): void {
    this.#store.abortReplace();
  }

  bookmark(): void {}

  set(raw: RawObject): void {
    if (!this.#owns(raw)) return;
    const { decode, renderer } = this.#options;
    const { uid, resourceVersion, namespace, name } = raw;
    if (this.#store.hasVersion(uid, resourceVersion)) return;
    let texts: string[];
    try {
      texts = renderer.render(decode(raw));
    } catch (error) {
      // It exists, so what is known of it stays; without this a list would sweep it.
      this.#store.keep(uid);
      throw error;
    }
    this.#store.set({ uid, resourceVersion, namespace, name, texts, departure: 0 });
  }

  delete(raw: RawObject): void {
    if (this.#owns(raw)) this.#store.delete(raw.uid);
  }

  #owns({ uidBytes, uidStart, uidEnd, namespace, name }: RawObject): boolean {
    if (uidStart === uidEnd)
      throw new ExporterError(
        "OBJECT_WITHOUT_UID",
        `object "${namespace}/${name}" has no metadata.uid, so no shard can own it; it is left out until the API server sends one`,
      );
    return this.#options.ownership.owns(uidBytes, uidStart, uidEnd);
  }
}
