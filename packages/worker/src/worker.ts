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
import {
  BlockEncoder,
  gzipStream,
  HotBudget,
  identityStream,
  mergeAnswers,
  SnapshotShare,
  type BlockState,
  type CounterReport,
  type MergeSource,
} from "@kube-state-mosaic/store";
import type { Logger, MosaicMetrics, ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import { defaultProbeTimes, Prober, type ProbeTimes } from "./prober.ts";
import { countRequests } from "./request-counts.ts";
import { ComingResources } from "./coming-resources.ts";
import { ExposedResource, type ExposureContext } from "./exposed-resource.ts";
import { exposureOf, type ExposureSettings } from "./exposure.ts";
import type { Placement } from "./placement.ts";
import type { AnswerableView, Views } from "./views.ts";

export interface WorkerSettings extends ExposureSettings {
  readonly resources: readonly Resource<never>[];
  /** Which objects are kept, and in which classes of row groups. */
  readonly placement: Placement;
  readonly views: Views;
  /** Upper bound of the random delay before the first lists, in milliseconds: shards started together would all list at once. */
  readonly startJitterMs: number;
  readonly useApiserverCache: boolean;
  readonly objectLimit: number;
  readonly allowFullSecrets: boolean;
  /** When the sizes of collections are asked for, as far as it is not as `defaultProbeTimes` has it. */
  readonly probes?: Partial<ProbeTimes>;
  /** Bytes of text that may stay uncompressed; 0: the worker's own choice. */
  readonly hotMemory: number;
}

export interface WorkerContext {
  readonly client: ApiClient;
  readonly logger: Logger;
  readonly reference: ReferenceMetrics;
  readonly mosaic: MosaicMetrics;
}

/** Something else that has to be known before an exposition is complete. */
export interface AwaitedPart {
  /** As a resource's name: a scrape that does not select it does not wait. */
  readonly name: string;
  readonly waiting: readonly string[];
}

/** Four lists at a time: the API server charges lists by size, and each costs memory on both sides. */
const concurrentLists = 4;
/** About what a scrape interval of 250 random pod changes a second leaves behind, several times over. */
const defaultHotBytes = 64 << 20;
const maintenanceMs = 1_000;
const progressMs = 10_000;

/** One shard of the cluster's object state: what it owns is kept current and served; what it does not is not even decoded. */
export class Worker {
  readonly incarnation: string = randomUUID();
  readonly #settings: WorkerSettings;
  #exposure: ExposureSettings;
  readonly #context: ExposureContext;
  /** By epoch. */
  readonly #shares = new Map<number, SnapshotShare<MergeSource>>();
  readonly #encoder = new BlockEncoder();
  readonly #prober: Prober;
  readonly #requestCounts: () => readonly CounterReport[];
  readonly #exposed = new Map<string, ExposedResource>();
  readonly #coming = new ComingResources();
  readonly #awaited: AwaitedPart[] = [];
  readonly #fault = Promise.withResolvers<never>();
  #running = false;

  constructor(settings: WorkerSettings, { client, ...context }: WorkerContext) {
    this.#settings = settings;
    this.#exposure = settings;
    const counted = countRequests(context.reference);
    this.#requestCounts = counted.counts;
    this.#prober = new Prober({ ...defaultProbeTimes, ...settings.probes }, context.logger);
    this.#context = {
      ...context,
      reference: counted.reference,
      streams: {
        client,
        logger: context.logger,
        placement: settings.placement,
        hotBudget: new HotBudget(settings.hotMemory || defaultHotBytes),
        lists: new ListSlots(concurrentLists),
        slices: new Slices(systemClock),
        startJitterMs: settings.startJitterMs,
        useApiserverCache: settings.useApiserverCache,
        objectLimit: settings.objectLimit,
        allowFullSecrets: settings.allowFullSecrets,
      },
    };
    this.#fault.promise.catch(() => undefined);
    for (const resource of settings.resources) this.add(resource);
  }

  /** Whether it lists and watches. */
  get running(): boolean {
    return this.#running;
  }

  /** Begins to expose a resource, in place of one of the same name. Nothing is served until it is complete. */
  add(resource: Resource<never>): void {
    void this.remove(resource.name);
    this.#exposed.set(resource.name, this.#made(resource));
  }

  /**
   * Exposes a resource once it is complete; until then nothing changes for readers, and those that it comes `instead` of, with the
   * one of its own name, are served.
   */
  addBeside(resource: Resource<never>, instead: readonly string[] = []): void {
    this.#coming.add(this.#made(resource), instead);
  }

  /**
   * Other settings from now on. Resources for which they mean something else are built beside what is served, and no other is
   * touched. Answers the names of those.
   */
  reconfigure(settings: ExposureSettings): string[] {
    this.#exposure = settings;
    const changed: string[] = [];
    // What is coming counts, not what is served until then.
    const latest = new Map(this.exposed.map((exposed) => [exposed.name, exposed]));
    for (const name of this.#coming.replaced) latest.delete(name);
    for (const [name, { resource, exposure }] of latest) {
      const wanted = exposureOf(resource, settings);
      if (wanted === exposure) continue;
      changed.push(name);
      const served = this.#exposed.get(name);
      const isServed = served?.resource === resource && served.exposure === wanted;
      const instead = isServed ? this.#coming.take(name) : [];
      if (!isServed || instead.length > 0) this.addBeside(resource, instead);
    }
    return changed;
  }

  /** Stops to expose a resource; resolves when its requests have ended. */
  async remove(name: string): Promise<void> {
    const names = [name, ...this.#coming.take(name)];
    await Promise.all(names.map((each) => this.#withdraw(each)));
  }

  /** Makes what the part waits for hold up readiness and scrapes, as a resource does that is not complete. */
  awaits(part: AwaitedPart): void {
    this.#awaited.push(part);
  }

  /** Lists and watches until aborted. Rejects on a broken invariant, which the process must not outlive. */
  async run(signal: AbortSignal): Promise<void> {
    this.#running = true;
    for (const exposed of this.exposed) exposed.start(this.#fault.reject);
    try {
      await Promise.race([this.#maintain(signal), this.#fault.promise]);
    } finally {
      this.#running = false;
      await Promise.all(this.exposed.map((exposed) => exposed.stop()));
    }
  }

  /**
   * Ready once every resource is completely loaded or refused by the API server, for the share that the newest layout gives it.
   * Who is in no layout has nothing to say, and is ready.
   */
  readiness(): Readiness {
    const { isMember, waiting: share } = this.#settings.views.readiness;
    const loading = isMember ? this.#waitingFor(() => true) : [];
    const isSaid = (name: string): boolean =>
      loading.some((what) => what === name || what.startsWith(`${name} (`));
    const waiting = [...share.filter((name) => !isSaid(name)), ...loading];
    return { ready: waiting.length === 0, waiting };
  }

  /** The resources on the exposition, and those that come. */
  get exposed(): readonly ExposedResource[] {
    return [...this.#exposed.values(), ...this.#coming.resources];
  }

  /**
   * A scrape of what is loaded completely; 503 naming what is not, 409 for an epoch that cannot be answered. Never a part of a
   * resource. Without `epoch` it is the layout in force.
   */
  scrape(request: MetricsRequest, epoch: number | undefined): MetricsAnswer {
    const chosen = (resource: string): boolean => selects(request, resource);
    const found = this.#view(chosen, epoch);
    if ("status" in found) return { ...found, headers: {} };
    const share = this.#shareOf(found);
    const pieces = (answer: MergeSource) => mergeAnswers([answer], request.format, chosen);
    return {
      status: 200,
      headers: identityHeaders(found),
      body: {
        gzip: () => share.read(pieces, gzipStream),
        identity: () => share.read(pieces, identityStream),
      },
    };
  }

  /** The whole exposition as a frame of blocks, or why there is none. `since`: what the reader says it has. */
  blocks(epoch: number | undefined, since: string | undefined): AsyncGenerator<Buffer> | Refusal {
    const found = this.#view(() => true, epoch);
    return "status" in found ? found : this.#encoder.encode(this.#state(found), since);
  }

  /** What is known here of an object: whether it would be kept, and where it is held. */
  find(uid: string): ObjectReport {
    const bytes = Buffer.from(uid);
    const slot = this.#settings.placement.slotOf(bytes, 0, bytes.length);
    const streams = this.exposed.flatMap((exposed) => exposed.streams);
    const held = streams.flatMap(({ label, store, state }) => {
      const resourceVersion = store.version(uid);
      return resourceVersion === undefined
        ? []
        : [{ resource: label, resourceVersion, upTo: state.resourceVersion }];
    });
    return { kept: slot >= 0, held, waiting: this.#waitingFor(() => true) };
  }

  /** Sets the self metrics that are known by looking. */
  measure(nowSeconds: number): void {
    for (const exposed of this.#exposed.values()) exposed.measure(this.#context.mosaic, nowSeconds);
  }

  async #maintain(signal: AbortSignal): Promise<void> {
    const started = performance.now();
    let saidAt = started;
    while (!signal.aborted) {
      await delay(maintenanceMs, undefined, { signal }).catch(() => undefined);
      this.#welcome();
      if (performance.now() - saidAt > progressMs) {
        saidAt = performance.now();
        this.#sayProgress((saidAt - started) / 1000);
      }
      for (const exposed of this.exposed) exposed.maintain();
      void this.#prober.tick(
        this.exposed.flatMap(({ streams }) => streams),
        this.#settings.views.current(),
        { now: performance.now(), signal },
      );
      const { epochs } = this.#settings.views;
      for (const [epoch, share] of this.#shares) {
        share.cutStalled();
        if (share.alive === 0 && !epochs.includes(epoch)) this.#shares.delete(epoch);
      }
    }
  }

  /** One line for each resource that is being loaded. */
  #sayProgress(seconds: number): void {
    for (const { streams } of this.exposed)
      for (const { label, state, store } of streams)
        if (state.phase === "listing" && !state.synced)
          this.#context.logger.info("still loading", {
            resource: label,
            objects: store.sizes().rows,
            seconds: seconds.toFixed(0),
          });
  }

  #made(resource: Resource<never>): ExposedResource {
    const exposed = new ExposedResource(resource, this.#exposure, this.#context);
    if (this.#running) exposed.start(this.#fault.reject);
    return exposed;
  }

  /** Puts the resources that have become complete in their places. */
  #welcome(): void {
    for (const { exposed, instead } of this.#coming.arrived((name) => this.#exposed.has(name))) {
      for (const name of [exposed.name, ...instead]) void this.#withdraw(name);
      this.#exposed.set(exposed.name, exposed);
    }
  }

  async #withdraw(name: string): Promise<void> {
    const exposed = this.#exposed.get(name);
    this.#exposed.delete(name);
    exposed?.forget(this.#context.mosaic);
    await exposed?.stop();
  }

  #waitingFor(chosen: (resource: string) => boolean): string[] {
    this.#welcome();
    return [...this.#awaited, ...this.#exposed.values()]
      .filter(({ name }) => chosen(name))
      .flatMap(({ waiting }) => waiting);
  }

  #view(
    chosen: (resource: string) => boolean,
    epoch: number | undefined,
  ): AnswerableView | Refusal {
    const { views } = this.#settings;
    if (epoch !== undefined) {
      const view = views.at(epoch);
      return view ?? { status: 409, body: wrongEpoch(epoch, views.epochs) };
    }
    const view = views.current();
    if (view?.empty) return view;
    const waiting = [...(view === undefined ? views.waiting : []), ...this.#waitingFor(chosen)];
    if (view === undefined || waiting.length > 0) return { status: 503, body: notSynced(waiting) };
    return view;
  }

  #shareOf(view: AnswerableView): SnapshotShare<MergeSource> {
    const { epoch } = view.identity;
    let share = this.#shares.get(epoch);
    if (share === undefined) {
      share = new SnapshotShare({ take: () => this.#answer(view) });
      this.#shares.set(epoch, share);
    }
    return share;
  }

  #answer({ shows, empty }: AnswerableView): MergeSource {
    const exposed = empty ? [] : [...this.#exposed.values()];
    const snapshots = exposed.map((resource) => resource.snapshot(shows));
    return {
      manifest: { resources: snapshots.map(({ manifest }) => manifest) },
      families: snapshots.flatMap(({ blocks }) => blocks),
    };
  }

  #state(view: AnswerableView): BlockState {
    const { manifest, families } = this.#answer(view);
    const { identity, digest = "", empty, slots, gainers } = view;
    const exposed = empty ? [] : [...this.#exposed.values()];
    return {
      manifest: {
        ...manifest,
        identity,
        digest,
        incarnation: this.incarnation,
        epochs: this.#settings.views.epochs,
        counters: this.#requestCounts(),
      },
      families,
      directories: exposed.map((resource) => resource.directories(view.shows)),
      reflectors: exposed.flatMap((resource) => resource.sources({ slots, gainers })),
    };
  }
}

/** What a worker knows of one object. */
export interface ObjectReport {
  /** Whether its slot is one of this worker's. */
  readonly kept: boolean;
  /** Where its row is; nowhere for an object that was never seen, or whose resource is not exposed. */
  readonly held: readonly {
    readonly resource: string;
    /** Of the state that is shown. */
    readonly resourceVersion: string;
    /** Everything up to this version has been applied. */
    readonly upTo: string | undefined;
  }[];
  /** Resources that are not completely loaded. */
  readonly waiting: readonly string[];
}

/** Why there is no exposition. */
export interface Refusal {
  readonly status: 409 | 503;
  readonly body: string;
}

function identityHeaders({ identity }: AnswerableView): Record<string, string> {
  const { shard, totalShards, hash, epoch } = identity;
  return {
    ...(shard >= 0 && { "X-Mosaic-Shard": String(shard) }),
    "X-Mosaic-Total-Shards": String(totalShards),
    "X-Mosaic-Hash": hash,
    "X-Mosaic-Epoch": String(epoch),
  };
}

function notSynced(waiting: readonly string[]): string {
  return `not synced yet, nothing is served until it is:\n${waiting.map((what) => `${what}\n`).join("")}`;
}

function wrongEpoch(asked: number, epochs: readonly number[]): string {
  return `epoch ${asked} cannot be answered; these can: ${epochs.join(", ") || "none"}\n`;
}
