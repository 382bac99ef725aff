import type { Clock } from "./clock.ts";
import type { Delivery } from "./delivery.ts";
import { failureOf, refusesShardSelector, type Failure } from "./failure.ts";
import { readPagedList, readProbe, type Collection, type Probe } from "./paged-list.ts";
import { ReadFormat } from "./read-format.ts";
import type { ReflectorOptions } from "./reflector-options.ts";
import type { ReflectorSink } from "./reflector-sink.ts";
import type { ReflectorStatus } from "./reflector-status.ts";
import { Slices } from "./slices.ts";
import { WatchSession } from "./watch-session.ts";

export interface CollectionContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly status: ReflectorStatus;
}

const PAGE_SIZE = 500;
const WATCH_SECONDS = { least: 300, spread: 300 };

/** The requests of one reflector, and what it has learnt about its server. */
export class CollectionClient {
  readonly #options: ReflectorOptions;
  readonly #context: CollectionContext;
  #collection: Collection;
  /** The server was found to be behind what it had said before; true until the next complete list. */
  versionsRestarted = false;

  constructor(options: ReflectorOptions, context: CollectionContext) {
    this.#options = options;
    this.#context = context;
    this.#collection = {
      client: options.client,
      path: options.path,
      query: options.query ?? {},
      format: new ReadFormat(options.reads ?? "full", options.protobuf ?? true),
      slices: options.slices ?? new Slices(context.clock),
    };
  }

  /** A complete list at this version or later, absent: a consistent one. Throws what broke it. */
  list(sink: ReflectorSink, signal: AbortSignal, version?: string): Promise<string> {
    const { objectLimit = 0, pageSize = PAGE_SIZE } = this.#options;
    const { status } = this.#context;
    return readPagedList({
      collection: this.#collection,
      delivery: this.#deliveryTo(sink),
      signal,
      pageSize,
      version,
      versionsRestarted: this.versionsRestarted,
      objectLimit: objectLimit > 0 ? objectLimit : undefined,
      onPage: (result, objects) => status.listedPage(result, objects),
      onShardSelector: (applied) => {
        const sent = this.#collection.query["shardSelector"] !== undefined;
        if (sent) status.shardSelectorApplied(applied);
      },
    });
  }

  probe(signal: AbortSignal): Promise<Probe> {
    return readProbe(this.#collection, signal);
  }

  /** The present version, or why it is not known. */
  async version(signal: AbortSignal): Promise<string | Failure> {
    try {
      return (await this.probe(signal)).resourceVersion;
    } catch (error) {
      const failure = failureOf(error);
      return signal.aborted ? failure : this.failed(failure);
    }
  }

  /** A watch, or with `onListed` a streaming list that goes on as one. */
  session(options: {
    from: string | undefined;
    seconds?: number | undefined;
    onListed?: (version: string) => void;
  }): WatchSession {
    const { sink, firstWatchSeconds } = this.#options;
    const { clock, random, status } = this.#context;
    const initial = options.onListed !== undefined;
    const { least, spread } = WATCH_SECONDS;
    return new WatchSession({
      collection: this.#collection,
      delivery: this.#deliveryTo(sink),
      clock,
      from: options.from,
      initial,
      initialOnly: initial && firstWatchSeconds !== undefined,
      // Random, so that the watches of many clients do not end together.
      timeoutSeconds: options.seconds ?? least + Math.floor(random() * spread),
      onOpen: (result) => status.opened(result),
      onEvent: (event) => status.saw(event),
      onProgress: (version) => status.progressed(version),
      onListed: options.onListed ?? (() => undefined),
    });
  }

  /** Notes a failure, and drops a shard selector that the server does not take. */
  failed(failure: Failure): Failure {
    const { status } = this.#context;
    status.failed(failure);
    if (failure.kind === "too-large") this.versionsRestarted = true;
    const { query } = this.#collection;
    if (query["shardSelector"] !== undefined && refusesShardSelector(failure)) {
      this.#collection = { ...this.#collection, query: { ...query, shardSelector: undefined } };
      status.shardSelectorRefused(failure.message);
    }
    return failure;
  }

  /** Whether the format was refused and another one is left to try. */
  fallsBackToJson(failure: Failure): boolean {
    return failure.kind === "not-acceptable" && this.#collection.format.withoutProtobuf();
  }

  #deliveryTo(sink: ReflectorSink): Delivery {
    return {
      sink,
      reads: this.#collection.format.reads,
      slices: this.#collection.slices,
      onDecodeError: (error, object) => this.#context.status.undecodable(error, object),
    };
  }
}
