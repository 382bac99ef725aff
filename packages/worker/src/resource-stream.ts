import { messageOf } from "@kube-state-mosaic/errors";
import {
  Reflector,
  type ApiClient,
  type ListSlots,
  type Query,
  type ReflectorState,
  type Slices,
} from "@kube-state-mosaic/kubernetes";
import type { Renderer, Resource } from "@kube-state-mosaic/metric-families";
import type { ReflectorProgress } from "@kube-state-mosaic/sharding";
import { MetricsStore, type HotBudget, type ReflectorSource } from "@kube-state-mosaic/store";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { decode } from "@kube-state-mosaic/wire";
import { setTimeout as delay } from "node:timers/promises";
import { Accounting, type AccountingView } from "./accounting.ts";
import { takeCensus, type CountedCollection } from "./census.ts";
import { Gain } from "./gain.ts";
import { ObjectSink } from "./object-sink.ts";
import type { Placement } from "./placement.ts";
import type { StreamObserver } from "./stream-observer.ts";

const lookMs = 50;
const firstGainPauseMs = 1_000;
const longestGainPauseMs = 30_000;

/** Shared by all streams of a worker. */
export interface StreamContext {
  readonly client: ApiClient;
  readonly placement: Placement;
  readonly hotBudget: HotBudget;
  readonly lists: ListSlots;
  readonly slices: Slices;
  /** Shards started together would all list at the same moment. */
  readonly startJitterMs: number;
  readonly logger: Logger;
  readonly useApiserverCache: boolean;
  readonly objectLimit: number;
  readonly allowFullSecrets: boolean;
}

export interface StreamOptions {
  readonly resource: Resource<never>;
  readonly renderer: Renderer<never>;
  /** Undefined: the whole cluster. */
  readonly namespace: string | undefined;
  readonly query: Query;
  readonly observer: StreamObserver;
}

/** One resource, in one namespace or all: a reflector that keeps a store equal to this shard's share of the collection. */
export class ResourceStream {
  readonly resource: Resource<never>;
  readonly namespace: string | undefined;
  readonly store: MetricsStore;
  readonly accounting: Accounting;
  readonly #collection: CountedCollection;
  readonly #reflector: Reflector;
  readonly #sink: ObjectSink<never>;
  readonly #logger: Logger;

  constructor(options: StreamOptions, context: StreamContext) {
    const { resource, renderer, namespace, observer } = options;
    this.resource = resource;
    this.namespace = namespace;
    this.accounting = new Accounting(options.query.shardSelector === undefined);
    this.store = new MetricsStore(renderer.families.length, {
      budget: context.hotBudget,
      ledger: this.accounting,
    });
    this.#logger = context.logger;
    this.#sink = new ObjectSink({
      placement: context.placement,
      // The registry's resources have lost their object type; schema and renderer of one resource belong together.
      decode: (raw) => decode(resource.schema, raw) as never,
      renderer,
      store: this.store,
      accounting: this.accounting,
    });
    this.#collection = {
      client: context.client,
      path: pathIn(resource, namespace),
      resource: resource.name,
      protobuf: resource.schema.jsonOnly === undefined,
      query: options.query,
      lists: context.lists,
      slices: context.slices,
    };
    this.#reflector = new Reflector({
      ...this.#collection,
      sink: this.#sink,
      reads: resource.reads === "table" && context.allowFullSecrets ? "full" : resource.reads,
      useApiserverCache: context.useApiserverCache,
      objectLimit: context.objectLimit,
      startJitterMs: context.startJitterMs,
      observer,
      log: context.logger,
    });
  }

  /** What a person would call it: `pods`, `pods in default`. */
  get label(): string {
    return this.namespace === undefined
      ? this.resource.name
      : `${this.resource.name} in ${this.namespace}`;
  }

  get state(): ReflectorState {
    return this.#reflector.state;
  }

  /**
   * Why the API server does not serve it to us (403 or 404), if so. Such a resource is retried and shown, and holds up nothing:
   * clusters lack resources, and permissions are often narrower than the default set.
   */
  get refusal(): string | undefined {
    const { synced, httpStatus, lastError } = this.#reflector.state;
    if (synced || (httpStatus !== 403 && httpStatus !== 404)) return undefined;
    return lastError ?? `HTTP status ${httpStatus}`;
  }

  /** Complete, or refused by the API server. */
  get settled(): boolean {
    return this.#reflector.state.synced || this.refusal !== undefined;
  }

  /** What a manifest says about it. */
  source(view: AccountingView): ReflectorSource {
    const { accounting, label } = this;
    return {
      name: label,
      position: accounting.position,
      report: (since) => {
        const { synced, lastError } = this.#reflector.state;
        const refused = this.refusal !== undefined;
        return {
          name: label,
          resource: this.resource.name,
          synced: synced && !refused,
          ...(lastError !== undefined && { problem: lastError }),
          ...accounting.report(view, since),
        };
      },
    };
  }

  /** Whether a shard selector was sent, so that the stream is not the whole collection. */
  get isFiltered(): boolean {
    return this.#collection.query["shardSelector"] !== undefined;
  }

  /** Asks the API server for the size of the whole collection; false if it does not say, as with label and field selectors. */
  async probe(signal: AbortSignal): Promise<boolean> {
    const { resourceVersion, count } = await this.#reflector.probe(signal);
    if (count !== undefined) this.accounting.probed(resourceVersion, count);
    return count !== undefined;
  }

  /** Lists the metadata of the whole collection, for its size and the sums of its UIDs. */
  async census(signal: AbortSignal): Promise<void> {
    const { query } = this.#collection;
    const whole = { ...this.#collection, query: { ...query, shardSelector: undefined } };
    const { resourceVersion, sums } = await takeCensus(whole, signal);
    this.accounting.probed(resourceVersion, sums.n, sums);
  }

  /** Lists what slots hold beside the running watch, until that was complete once or the signal aborts. */
  gain(slots: Uint8Array, signal: AbortSignal): void {
    const gain = new Gain(slots, this.store);
    this.#sink.addGain(gain);
    void this.#gain(gain, signal).finally(() => this.#sink.removeGain(gain));
  }

  /** How the stream stands towards a view that owns these slots. */
  progress(slots: Uint8Array): ReflectorProgress {
    const { synced, open, failingSince } = this.#reflector.state;
    const listed = this.#sink.gains.every((gain) => gain.listed || !gain.sharesSlots(slots));
    const refused = this.refusal !== undefined;
    return {
      name: this.label,
      listed: synced && listed,
      streaming: open,
      // Both are durations until now, once of the wall clock and once of the monotonic one.
      backingOffSince:
        failingSince === undefined
          ? undefined
          : performance.now() - (Date.now() - failingSince * 1000),
      undecodable: 0,
      refused,
      refusedBefore: refused,
    };
  }

  async #gain(gain: Gain, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    let pause = firstGainPauseMs;
    while (!signal.aborted && !gain.listed) {
      // A list requested before the watch is open could lie before what the watch brings.
      const { phase, open } = this.#reflector.state;
      if (phase !== "synced" || !open) {
        await delay(lookMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const attempt = AbortSignal.any([gain.begin(), signal]);
      try {
        await this.#reflector.listInto(this.#sink.listSink(gain), attempt);
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.warn(
          "the list of what a new layout gives this shard broke; it is made again",
          {
            resource: this.resource.name,
            reason: messageOf(error),
          },
        );
        await delay(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(pause * 2, longestGainPauseMs);
      }
    }
    if (signal.aborted) return;
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    this.#logger.info("new share listed", { resource: this.resource.name, seconds });
    while (!signal.aborted && !gain.over)
      await delay(lookMs, undefined, { signal }).catch(() => undefined);
  }

  async run(signal: AbortSignal, onFault: (error: unknown) => void): Promise<void> {
    try {
      await this.#reflector.run(signal);
    } catch (error) {
      onFault(new Error(`${this.label}: ${messageOf(error)}`, { cause: error }));
    }
  }
}

function pathIn(resource: Resource<never>, namespace: string | undefined): string {
  if (namespace === undefined) return resource.path;
  const at = resource.path.lastIndexOf("/");
  return `${resource.path.slice(0, at)}/namespaces/${encodeURIComponent(namespace)}${resource.path.slice(at)}`;
}
