import { randomUUID } from "node:crypto";
import { ListSlots, Slices, systemClock, type ApiClient } from "@kube-state-mosaic/kubernetes";
import {
  renderer,
  type FamilyConfig,
  type Family,
  type Resource,
} from "@kube-state-mosaic/metric-families";
import {
  selects,
  type MetricsAnswer,
  type MetricsRequest,
  type Readiness,
} from "@kube-state-mosaic/server";
import type { Ownership } from "@kube-state-mosaic/sharding";
import {
  gzipStream,
  HotBudget,
  identityStream,
  mergeAnswers,
  nextBlockId,
  type BlockAnswer,
  type ManifestResource,
  type ShardIdentity,
} from "@kube-state-mosaic/store";
import type { Logger, MosaicMetrics, ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import { ResourceStream, type StreamContext } from "./resource-stream.ts";
import { fieldSelectorFor, type ObjectSelection } from "./selectors.ts";
import { observeStream } from "./stream-observer.ts";

export interface WorkerSettings extends ObjectSelection {
  readonly resources: readonly Resource<never>[];
  /** What the allow lists give a resource. */
  readonly familyConfig: (resource: string) => FamilyConfig;
  readonly familyFilter: (family: Family<never>) => boolean;
  /** In order; empty: all. */
  readonly namespaces: readonly string[];
  readonly ownership: Ownership;
  readonly identity: ShardIdentity;
  readonly useApiserverCache: boolean;
  readonly objectLimit: number;
  readonly allowFullSecrets: boolean;
  /** Bytes of text that may stay uncompressed; 0: the store's own choice. */
  readonly hotMemory: number;
}

export interface WorkerContext {
  readonly client: ApiClient;
  readonly logger: Logger;
  readonly reference: ReferenceMetrics;
  readonly mosaic: MosaicMetrics;
}

interface ExposedResource {
  readonly name: string;
  readonly families: ManifestResource["families"];
  /** In the order of the namespaces. */
  readonly streams: readonly ResourceStream[];
}

/** Reads four lists at a time: the API server charges lists by size, and each costs memory on both sides. */
const concurrentLists = 4;
const maxStartJitterMs = 2_000;
/** About what a scrape interval of 250 random pod changes a second leaves behind, several times over. */
const defaultHotBytes = 64 << 20;

/** One shard of the cluster's object state: what it owns is kept current and served; what it does not is not even decoded. */
export class Worker {
  readonly incarnation: string = randomUUID();
  readonly #settings: WorkerSettings;
  readonly #context: WorkerContext;
  readonly #resources: readonly ExposedResource[];

  constructor(settings: WorkerSettings, context: WorkerContext) {
    this.#settings = settings;
    this.#context = context;
    const { client, logger } = context;
    const shared: StreamContext = {
      client,
      logger,
      ownership: settings.ownership,
      hotBudget: new HotBudget(settings.hotMemory || defaultHotBytes),
      lists: new ListSlots(concurrentLists),
      slices: new Slices(systemClock),
      startJitterMs: Math.min(maxStartJitterMs, 250 * (settings.identity.totalShards - 1)),
      useApiserverCache: settings.useApiserverCache,
      objectLimit: settings.objectLimit,
      allowFullSecrets: settings.allowFullSecrets,
    };
    this.#resources = settings.resources.map((resource) => this.#expose(resource, shared));
  }

  /** Lists and watches until aborted. Rejects on a broken invariant, which the process must not outlive. */
  async run(signal: AbortSignal): Promise<void> {
    const failure = Promise.withResolvers<never>();
    const running = this.#streams().map((stream) => stream.run(signal, failure.reject));
    await Promise.race([Promise.all(running), failure.promise]);
  }

  /** Ready once every resource is completely loaded or refused by the API server. */
  readiness(): Readiness {
    const waiting = this.#waitingFor(() => true);
    return { ready: waiting.length === 0, waiting };
  }

  /** A scrape of what is loaded completely; 503 naming what is not. Never a part of a resource. */
  scrape(request: MetricsRequest): MetricsAnswer {
    const chosen = (resource: string): boolean => selects(request, resource);
    const headers = this.#headers();
    const waiting = this.#waitingFor(chosen);
    if (waiting.length > 0) return { status: 503, headers, body: notSynced(waiting) };
    const pieces = mergeAnswers([this.#answer()], request.format, chosen);
    return {
      status: 200,
      headers,
      body: { gzip: () => gzipStream(pieces), identity: () => identityStream(pieces) },
    };
  }

  /** The whole exposition as blocks, or the resources it waits for. */
  blocks(): BlockAnswer | { readonly waiting: readonly string[] } {
    const waiting = this.#waitingFor(() => true);
    return waiting.length > 0 ? { waiting } : this.#answer();
  }

  /** Sets the self metrics that are known by looking. */
  measure(nowSeconds: number): void {
    const { mosaic } = this.#context;
    for (const { name: resource, streams } of this.#resources) {
      const sum = (of: (stream: ResourceStream) => number): number =>
        streams.reduce((total, stream) => total + of(stream), 0);
      const sizes = streams.map(({ store }) => store.sizes());
      const total = (of: (size: (typeof sizes)[number]) => number): number =>
        sizes.reduce((all, size) => all + of(size), 0);
      const synced = sum(({ state }) => Number(state.synced)) === streams.length;
      mosaic.resourceSynced.set(Number(synced), { resource });
      mosaic.resourceObjects.set(
        total(({ rows }) => rows),
        { resource },
      );
      mosaic.storeRows.set(
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
  }

  #expose(resource: Resource<never>, shared: StreamContext): ExposedResource {
    const { namespaces, familyConfig, familyFilter } = this.#settings;
    const { reference, mosaic, logger } = this.#context;
    const made = renderer(resource, familyConfig(resource.name), familyFilter);
    const fieldSelector = fieldSelectorFor(resource, this.#settings);
    const scopes = resource.namespaced && namespaces.length > 0 ? namespaces : [undefined];
    return {
      name: resource.name,
      families: made.families.map(({ name, help, type, stability, deprecatedSince }) => ({
        name,
        help,
        type,
        stability,
        deprecatedSince,
      })),
      streams: scopes.map(
        (namespace) =>
          new ResourceStream(
            {
              resource,
              renderer: made,
              namespace,
              query: { fieldSelector },
              observer: observeStream({ resource, namespace }, { reference, mosaic }, logger),
            },
            shared,
          ),
      ),
    };
  }

  #streams(): ResourceStream[] {
    return this.#resources.flatMap(({ streams }) => streams);
  }

  #waitingFor(chosen: (resource: string) => boolean): string[] {
    return this.#streams()
      .filter((stream) => chosen(stream.resource.name) && !stream.settled)
      .map((stream) => {
        const { lastError } = stream.state;
        return lastError === undefined ? stream.label : `${stream.label} (${lastError})`;
      });
  }

  #answer(): BlockAnswer {
    const resources = this.#resources.map(({ name, families, streams }) => ({
      name,
      families,
      snapshots: streams.map(({ store }) => store.snapshot()),
    }));
    const manifest = {
      identity: this.#settings.identity,
      incarnation: this.incarnation,
      nextBlockId: nextBlockId(),
      resources: resources.map(({ name, families, snapshots }) => ({
        name,
        families,
        rows: snapshots.reduce((sum, { rows }) => sum + rows, 0),
      })),
    };
    const families = resources.flatMap(({ families: headers, snapshots }) =>
      headers.map((_, index) => snapshots.flatMap((snapshot) => snapshot.families[index] ?? [])),
    );
    return { manifest, families };
  }

  #headers(): Record<string, string> {
    const { shard, totalShards, hash, epoch } = this.#settings.identity;
    return {
      "X-Mosaic-Shard": String(shard),
      "X-Mosaic-Total-Shards": String(totalShards),
      "X-Mosaic-Hash": hash,
      "X-Mosaic-Epoch": String(epoch),
    };
  }
}

/** The body of a 503: one resource a line. */
export function notSynced(waiting: readonly string[]): string {
  return `not synced yet, nothing is served until it is:\n${waiting.map((what) => `${what}\n`).join("")}`;
}
