import type { Resource } from "@kube-state-mosaic/metric-families";
import { renderer } from "@kube-state-mosaic/metric-families";
import type {
  Block,
  ManifestResource,
  ReflectorSource,
  StoreSnapshot,
} from "@kube-state-mosaic/store";
import type { Logger, MosaicMetrics, ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import type { AccountingView } from "./accounting.ts";
import { exposureOf, scopesOf, type ExposureSettings } from "./exposure.ts";
import { ResourceStream, type StreamContext } from "./resource-stream.ts";
import { fieldSelectorFor } from "./selectors.ts";
import { observeStream } from "./stream-observer.ts";

export interface ExposureContext {
  readonly streams: StreamContext;
  readonly logger: Logger;
  readonly reference: ReferenceMetrics;
  readonly mosaic: MosaicMetrics;
}

/** The text of a resource at one instant. */
export interface ResourceSnapshot {
  readonly manifest: ManifestResource;
  /** By family. */
  readonly blocks: readonly (readonly Block[])[];
}

/** A resource on the exposition: its families, and a stream for each watched namespace. It lists and watches from `start` to `stop`. */
export class ExposedResource {
  readonly name: string;
  readonly resource: Resource<never>;
  /** What its settings mean for it, as `exposureOf` says. */
  readonly exposure: string;
  readonly streams: readonly ResourceStream[];
  readonly #families: ManifestResource["families"];
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** Whether it is loaded beside what is served, and not served itself yet. */
  isComing = false;

  constructor(resource: Resource<never>, settings: ExposureSettings, context: ExposureContext) {
    const made = renderer(resource, settings.familyConfig(resource.name), settings.familyFilter);
    const query = { fieldSelector: fieldSelectorFor(resource, settings) };
    const { streams, logger, ...metrics } = context;
    this.name = resource.name;
    this.resource = resource;
    this.exposure = exposureOf(resource, settings);
    this.#families = made.families.map(({ name, help, type, stability, deprecatedSince }) => ({
      name,
      help,
      type,
      stability,
      deprecatedSince,
    }));
    this.streams = scopesOf(resource, settings).map((namespace) => {
      const objects = (): number => stream.store.sizes().rows;
      const { objectLimit } = streams;
      const observed = { resource, namespace, objects, objectLimit };
      const observer = observeStream(observed, metrics, logger);
      const options = { resource, renderer: made, namespace, query, observer };
      const stream: ResourceStream = new ResourceStream(options, streams);
      return stream;
    });
  }

  /** `onFault` is told of a broken invariant, which the process must not outlive. */
  start(onFault: (error: unknown) => void): void {
    const { signal } = this.#stopping;
    this.#running = Promise.all(this.streams.map((stream) => stream.run(signal, onFault)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Whether every stream was complete once; one that is refused never is. */
  get complete(): boolean {
    return this.streams.every(({ state }) => state.synced);
  }

  /** What is not completely loaded yet, with the reason where one is known. */
  get waiting(): string[] {
    return this.streams
      .filter(({ settled }) => !settled)
      .map(({ label, state }) =>
        state.lastError === undefined ? label : `${label} (${state.lastError})`,
      );
  }

  /** `shows` chooses row groups by class; without it everything is shown. */
  snapshot(shows: ((departure: number) => boolean) | undefined): ResourceSnapshot {
    const snapshots = this.streams.map(({ store }): StoreSnapshot =>
      shows === undefined ? store.snapshot() : store.snapshotOf(shows),
    );
    return {
      manifest: {
        name: this.name,
        families: this.#families,
        rows: snapshots.reduce((sum, { rows }) => sum + rows, 0),
      },
      blocks: this.#families.map((_, index) =>
        snapshots.flatMap(({ families }) => families[index] ?? []),
      ),
    };
  }

  /** Who the rows of each row group are. */
  directories(shows: ((departure: number) => boolean) | undefined): readonly Block[] {
    return this.streams.flatMap(({ store }) => store.directories(shows));
  }

  sources(view: AccountingView): ReflectorSource[] {
    return this.streams.map((stream) => stream.source(view));
  }

  /** Lists what slots hold, beside what is served; ends with `signal` and with `stop`. */
  gain(slots: Uint8Array, signal: AbortSignal): void {
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    for (const stream of this.streams) stream.gain(slots, either);
  }

  /** Gathers what births and deaths have left in pieces, for a few milliseconds. */
  maintain(): void {
    for (const { store } of this.streams) store.maintain();
  }

  /** Sets the self metrics that are known by looking. */
  measure(mosaic: MosaicMetrics, nowSeconds: number): void {
    const { name: resource, streams } = this;
    const sizes = streams.map(({ store }) => store.sizes());
    const total = (of: (size: (typeof sizes)[number]) => number): number =>
      sizes.reduce((sum, size) => sum + of(size), 0);
    mosaic.resourceSynced.set(Number(streams.every(({ state }) => state.synced)), { resource });
    mosaic.resourceObjects.set(
      total(({ rows }) => rows),
      { resource },
    );
    mosaic.storeGroups.set(
      total(({ groups }) => groups),
      { resource },
    );
    mosaic.storeHotBytes.set(
      total(({ hotBytes }) => hotBytes),
      { resource },
    );
    mosaic.storeSealedBytes.set(
      total(({ sealedBytes }) => sealedBytes),
      { resource },
    );
    const last = Math.max(...streams.map(({ state }) => state.lastEventAt ?? 0));
    if (last > 0) mosaic.lastEventAge.set(Math.max(0, nowSeconds - last), { resource });
  }

  /** Ends its self metrics that `measure` sets. */
  forget(mosaic: MosaicMetrics): void {
    const resource = this.name;
    mosaic.resourceSynced.remove({ resource });
    mosaic.resourceObjects.remove({ resource });
    mosaic.storeGroups.remove({ resource });
    mosaic.storeHotBytes.remove({ resource });
    mosaic.storeSealedBytes.remove({ resource });
    mosaic.lastEventAge.remove({ resource });
  }
}
