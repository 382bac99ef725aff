import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { ListSlots, Slices, systemClock, type ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Resource } from "@kube-state-mosaic/metric-families";
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
  SnapshotShare,
  type BlockAnswer,
  type ShardIdentity,
} from "@kube-state-mosaic/store";
import type { Logger, MosaicMetrics, ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import {
  ExposedResource,
  type ExposureContext,
  type ExposureSettings,
} from "./exposed-resource.ts";

export interface WorkerSettings extends ExposureSettings {
  readonly resources: readonly Resource<never>[];
  readonly ownership: Ownership;
  readonly identity: ShardIdentity;
  readonly useApiserverCache: boolean;
  readonly objectLimit: number;
  readonly allowFullSecrets: boolean;
  /** Bytes of text that may stay uncompressed; 0: the worker's own choice. */
  readonly hotMemory: number;
}

export interface WorkerContext {
  readonly client: ApiClient;
  readonly logger: Logger;
  readonly reference: ReferenceMetrics;
  readonly mosaic: MosaicMetrics;
}

/** Four lists at a time: the API server charges lists by size, and each costs memory on both sides. */
const concurrentLists = 4;
const maxStartJitterMs = 2_000;
/** About what a scrape interval of 250 random pod changes a second leaves behind, several times over. */
const defaultHotBytes = 64 << 20;
const maintenanceMs = 1_000;

/** One shard of the cluster's object state: what it owns is kept current and served; what it does not is not even decoded. */
export class Worker {
  readonly incarnation: string = randomUUID();
  readonly #settings: WorkerSettings;
  readonly #context: ExposureContext;
  readonly #share: SnapshotShare<BlockAnswer>;
  readonly #exposed = new Map<string, ExposedResource>();
  readonly #fault = Promise.withResolvers<never>();
  #running = false;

  constructor(settings: WorkerSettings, { client, ...context }: WorkerContext) {
    this.#settings = settings;
    this.#context = {
      ...context,
      streams: {
        client,
        logger: context.logger,
        ownership: settings.ownership,
        hotBudget: new HotBudget(settings.hotMemory || defaultHotBytes),
        lists: new ListSlots(concurrentLists),
        slices: new Slices(systemClock),
        startJitterMs: Math.min(maxStartJitterMs, 250 * (settings.identity.totalShards - 1)),
        useApiserverCache: settings.useApiserverCache,
        objectLimit: settings.objectLimit,
        allowFullSecrets: settings.allowFullSecrets,
      },
    };
    this.#share = new SnapshotShare({ take: () => this.#answer() });
    this.#fault.promise.catch(() => undefined);
    for (const resource of settings.resources) this.add(resource);
  }

  /** Begins to expose a resource, in place of one of the same name. */
  add(resource: Resource<never>): void {
    void this.remove(resource.name);
    const exposed = new ExposedResource(resource, this.#settings, this.#context);
    this.#exposed.set(resource.name, exposed);
    if (this.#running) exposed.start(this.#fault.reject);
  }

  /** Stops to expose a resource; resolves when its requests have ended. */
  async remove(name: string): Promise<void> {
    const exposed = this.#exposed.get(name);
    this.#exposed.delete(name);
    await exposed?.stop();
  }

  /** Lists and watches until aborted. Rejects on a broken invariant, which the process must not outlive. */
  async run(signal: AbortSignal): Promise<void> {
    this.#running = true;
    for (const exposed of this.#exposed.values()) exposed.start(this.#fault.reject);
    try {
      await Promise.race([this.#maintain(signal), this.#fault.promise]);
    } finally {
      this.#running = false;
      await Promise.all([...this.#exposed.values()].map((exposed) => exposed.stop()));
    }
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
    const pieces = (answer: BlockAnswer) => mergeAnswers([answer], request.format, chosen);
    return {
      status: 200,
      headers,
      body: {
        gzip: () => this.#share.read(pieces, gzipStream),
        identity: () => this.#share.read(pieces, identityStream),
      },
    };
  }

  /** The whole exposition as blocks, or the resources it waits for. */
  blocks(): BlockAnswer | { readonly waiting: readonly string[] } {
    const waiting = this.#waitingFor(() => true);
    return waiting.length > 0 ? { waiting } : this.#answer();
  }

  /** Sets the self metrics that are known by looking. */
  measure(nowSeconds: number): void {
    for (const exposed of this.#exposed.values()) exposed.measure(this.#context.mosaic, nowSeconds);
  }

  async #maintain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(maintenanceMs, undefined, { signal }).catch(() => undefined);
      for (const exposed of this.#exposed.values()) exposed.maintain();
      this.#share.cutStalled();
    }
  }

  #waitingFor(chosen: (resource: string) => boolean): string[] {
    return [...this.#exposed.values()]
      .filter(({ name }) => chosen(name))
      .flatMap(({ waiting }) => waiting);
  }

  #answer(): BlockAnswer {
    const snapshots = [...this.#exposed.values()].map((exposed) => exposed.snapshot());
    return {
      manifest: {
        identity: this.#settings.identity,
        incarnation: this.incarnation,
        nextBlockId: nextBlockId(),
        resources: snapshots.map(({ manifest }) => manifest),
      },
      families: snapshots.flatMap(({ blocks }) => blocks),
    };
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
