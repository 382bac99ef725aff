import type { WatchEvent } from "@kube-state-mosaic/wire";
import { Backoff } from "./backoff.ts";
import { sleep, systemClock, type Clock } from "./clock.ts";
import { decodeErrorFields, type Delivery } from "./delivery.ts";
import { failureOf, refusesStreaming, type Failure } from "./failure.ts";
import { ListSlots } from "./list-slots.ts";
import { LogThrottle } from "./log-throttle.ts";
import { readPagedList, readVersion, type Collection } from "./paged-list.ts";
import { ReadFormat } from "./read-format.ts";
import type { ReflectorOptions } from "./reflector-options.ts";
import type { ReflectorPhase, ReflectorState, RelistReason } from "./reflector-observer.ts";
import type { ReflectorSink } from "./reflector-sink.ts";
import { compareResourceVersions } from "./resource-version.ts";
import { Slices } from "./slices.ts";
import { WatchSession } from "./watch-session.ts";

/** What the reflector does next. */
type Step =
  | { readonly do: "list"; readonly atLeast: string | undefined }
  | { readonly do: "watch"; readonly from: string; readonly seconds?: number | undefined }
  | { readonly do: "wait"; readonly ms: number; readonly next: Step };

const PAGE_SIZE = 500;
const LIST_SLOTS = 4;
const START_JITTER_MS = 2_000;
const REFUSAL_MEMORY_MS = 10 * 60_000;
const WITHOUT_WATCH_MS = 10 * 60_000;
const VERSION_CHECK_MS = 10 * 60_000;
const REPEAT_MS = 60_000;
const STATUS_FAILURES = 4;
/** A watch that lived this long worked, even if nothing happened. */
const LONG_LIVED_MS = 30_000;
const SHORT_MS = 1_000;

/**
 * Keeps a sink equal to one collection of the API server: list, watch, resume, and list again where nothing else helps.
 * Never gives up: whatever fails is visible in `state`, and tried again with growing delays.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #collection: Collection;
  readonly #delivery: Delivery;
  readonly #slots: ListSlots;
  readonly #backoff: Backoff;
  readonly #log: LogThrottle;

  #phase: ReflectorPhase = "waiting";
  #phaseSince: number;
  #synced = false;
  #resourceVersion: string | undefined;
  #lastError: string | undefined;
  #httpStatus: number | undefined;
  #lastEventAt: number | undefined;
  #relists = 0;
  #frameErrors = 0;
  #decodeErrors = 0;

  /** A resumed reflector is synced once it has reached this version. */
  #caughtUpAt: string | undefined;
  #streamingRefusedUntil = Number.NEGATIVE_INFINITY;
  #earlyEnds = 0;
  #statusFailures = 0;
  #workedAt: number;
  #brokenAt = Number.NEGATIVE_INFINITY;
  #expiredAt = Number.NEGATIVE_INFINITY;
  #unreadableAt = Number.NEGATIVE_INFINITY;
  #versionCheckedAt: number;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    const slices = options.slices ?? new Slices(this.#clock);
    const format = new ReadFormat(options.reads ?? "full", options.protobuf ?? true);
    this.#collection = {
      client: options.client,
      path: options.path,
      query: options.query ?? {},
      format,
      slices,
    };
    this.#delivery = this.#deliveryTo(options.sink);
    this.#slots = options.lists ?? new ListSlots(LIST_SLOTS);
    this.#backoff = new Backoff(this.#clock, this.#random);
    this.#log = new LogThrottle(options.log, this.#clock, options.resource);
    this.#phaseSince = this.#clock.wall();
    this.#workedAt = this.#clock.now();
    this.#versionCheckedAt = this.#clock.now();
  }

  get state(): ReflectorState {
    return {
      phase: this.#phase,
      phaseSince: this.#phaseSince / 1000,
      synced: this.#synced,
      resourceVersion: this.#resourceVersion,
      lastError: this.#lastError,
      httpStatus: this.#httpStatus,
      lastEventAt: this.#lastEventAt,
      relists: this.#relists,
      frameErrors: this.#frameErrors,
      decodeErrors: this.#decodeErrors,
    };
  }

  /** Runs until aborted. Rejects only when the sink throws where it must not: everything else is retried. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await sleep(
        this.#clock,
        this.#random() * (this.#options.startJitterMs ?? START_JITTER_MS),
        signal,
      );
      let step = await this.#firstStep(signal);
      while (!signal.aborted) step = await this.#take(step, signal);
    } finally {
      this.#enter("stopped");
    }
  }

  /**
   * Reads a consistent list into another sink, beside whatever this reflector is doing, and answers its version;
   * `listCompleted` has been called then. Throws what broke it: nothing is retried.
   */
  async listInto(sink: ReflectorSink, signal: AbortSignal): Promise<string> {
    const release = await this.#slots.acquire(signal);
    try {
      const version = await readPagedList({
        ...this.#pagedListOptions(signal),
        delivery: this.#deliveryTo(sink),
        version: undefined,
      });
      sink.listCompleted(version);
      return version;
    } finally {
      release?.();
    }
  }

  #take(step: Step, signal: AbortSignal): Promise<Step> {
    switch (step.do) {
      case "list":
        return this.#list(step.atLeast, signal);
      case "watch":
        return this.#watch(step, signal);
      case "wait":
        return this.#wait(step, signal);
    }
  }

  async #wait(step: Extract<Step, { do: "wait" }>, signal: AbortSignal): Promise<Step> {
    this.#enter("backoff");
    await sleep(this.#clock, step.ms, signal);
    return step.next;
  }

  /** A resumed reflector first learns how far it is behind: until then, what it holds may have been deleted long ago. */
  async #firstStep(signal: AbortSignal): Promise<Step> {
    const from = this.#options.resumeFrom;
    if (from === undefined) return { do: "list", atLeast: undefined };
    while (!signal.aborted) {
      const now = await this.#tryReadVersion(signal);
      if (now !== undefined) {
        const order = compareResourceVersions(from, now);
        if (order === undefined || order > 0) return this.#relist("version-went-back", undefined);
        this.#resourceVersion = from;
        this.#caughtUpAt = now;
        this.#progressed(from);
        return { do: "watch", from, seconds: this.#options.firstWatchSeconds ?? 5 };
      }
      this.#enter("backoff");
      await sleep(this.#clock, this.#backoff.next(), signal);
    }
    return { do: "list", atLeast: undefined };
  }

  // --- Lists ---

  async #list(atLeast: string | undefined, signal: AbortSignal): Promise<Step> {
    this.#enter("waiting");
    const release = await this.#slots.acquire(signal);
    if (release === undefined) return { do: "list", atLeast };
    try {
      this.#enter("listing");
      if (!this.#mayStream()) return await this.#pagedList(atLeast, signal);
      return await this.#streamingList(atLeast, { signal, release });
    } finally {
      release();
    }
  }

  #mayStream(): boolean {
    const { streamingList = true, objectLimit = 0 } = this.#options;
    return streamingList && objectLimit <= 0 && this.#clock.now() >= this.#streamingRefusedUntil;
  }

  async #pagedList(atLeast: string | undefined, signal: AbortSignal): Promise<Step> {
    const version = this.#options.useApiserverCache === true ? "0" : atLeast;
    let resourceVersion: string;
    try {
      resourceVersion = await readPagedList({ ...this.#pagedListOptions(signal), version });
    } catch (error) {
      const step: Step = { do: "list", atLeast };
      if (signal.aborted) return step;
      const failure = this.#failed(failureOf(error));
      if (failure.kind === "not-acceptable" && this.#collection.format.withoutProtobuf())
        return step;
      const outdated = failure.kind === "expired" || failure.kind === "too-large";
      if (outdated && atLeast !== undefined) return { do: "list", atLeast: undefined };
      return this.#later(failure, step);
    }
    this.#listed(resourceVersion);
    return { do: "watch", from: resourceVersion, seconds: this.#options.firstWatchSeconds };
  }

  #pagedListOptions(signal: AbortSignal): Omit<Parameters<typeof readPagedList>[0], "version"> {
    const { objectLimit = 0, pageSize = PAGE_SIZE, observer } = this.#options;
    return {
      collection: this.#collection,
      delivery: this.#delivery,
      signal,
      pageSize,
      objectLimit: objectLimit > 0 ? objectLimit : undefined,
      onPage: (result, objects) => observer?.onList?.(result, objects),
    };
  }

  async #streamingList(
    atLeast: string | undefined,
    { signal, release }: { signal: AbortSignal; release: () => void },
  ): Promise<Step> {
    const { sink, firstWatchSeconds } = this.#options;
    const session = this.#session({
      from: atLeast,
      initial: true,
      seconds: undefined,
      onListed: (version) => {
        release();
        this.#listed(version);
      },
    });
    sink.listStarted();
    let failure: Failure | undefined;
    try {
      failure = await session.run(signal);
    } finally {
      if (!session.listed) sink.listFailed();
    }
    const { resourceVersion } = session;
    if (session.listed && resourceVersion !== undefined) {
      this.#earlyEnds = 0;
      if (failure === undefined && firstWatchSeconds !== undefined)
        return { do: "watch", from: resourceVersion, seconds: firstWatchSeconds };
      return this.#afterWatch(session, { from: resourceVersion, failure, signal });
    }
    if (signal.aborted) return { do: "list", atLeast };
    return this.#afterUnfinishedStreamingList(session, { failure, atLeast, signal });
  }

  async #afterUnfinishedStreamingList(
    session: WatchSession,
    facts: { failure: Failure | undefined; atLeast: string | undefined; signal: AbortSignal },
  ): Promise<Step> {
    const { atLeast, signal } = facts;
    const again: Step = { do: "list", atLeast };
    const failure = this.#failed(facts.failure ?? EARLY_END);
    const paged = (): Promise<Step> => this.#pagedList(atLeast, signal);
    const endedEarly =
      facts.failure === undefined || (failure.kind === "connection" && session.opened);
    if (endedEarly) {
      this.#earlyEnds += 1;
      if (this.#earlyEnds < 2 && (session.events > 0 || session.age >= SHORT_MS))
        return this.#later(failure, again);
      this.#earlyEnds = 0;
      return paged();
    }
    switch (failure.kind) {
      case "expired":
      case "too-large":
        if (atLeast !== undefined) return { do: "list", atLeast: undefined };
        return this.#later(failure, again);
      case "connection":
      case "throttled":
        return this.#later(failure, again);
      case "not-acceptable":
        return this.#collection.format.withoutProtobuf() ? again : paged();
      case "cut":
        this.#streamingRefusedUntil = this.#clock.now() + REFUSAL_MEMORY_MS;
        return paged();
      case "status":
      case "unreadable":
        if (refusesStreaming(failure))
          this.#streamingRefusedUntil = this.#clock.now() + REFUSAL_MEMORY_MS;
        return paged();
    }
  }

  #listed(resourceVersion: string): void {
    this.#options.sink.listCompleted(resourceVersion);
    this.#resourceVersion = resourceVersion;
    this.#caughtUpAt = undefined;
    this.#synced = true;
    this.#versionCheckedAt = this.#clock.now();
    this.#worked();
    this.#enter("synced");
  }

  // --- Watches ---

  async #watch(step: Extract<Step, { do: "watch" }>, signal: AbortSignal): Promise<Step> {
    this.#enter("synced");
    const session = this.#session({ from: step.from, initial: false, seconds: step.seconds });
    const failure = await session.run(signal);
    const from = session.resourceVersion ?? step.from;
    return this.#afterWatch(session, { from, failure, signal });
  }

  #session(options: {
    from: string | undefined;
    initial: boolean;
    seconds: number | undefined;
    onListed?: (version: string) => void;
  }): WatchSession {
    const { observer, firstWatchSeconds } = this.#options;
    return new WatchSession({
      collection: this.#collection,
      delivery: this.#delivery,
      clock: this.#clock,
      from: options.from,
      initial: options.initial,
      initialOnly: options.initial && firstWatchSeconds !== undefined,
      // Random, so that the watches of many clients do not end together.
      timeoutSeconds: options.seconds ?? 300 + Math.floor(this.#random() * 300),
      onOpen: (result) => {
        if (result === "success") this.#httpStatus = 200;
        observer?.onWatch?.(result);
      },
      onEvent: (event) => this.#saw(event),
      onProgress: (version) => this.#progressed(version),
      onListed: options.onListed ?? (() => undefined),
    });
  }

  #saw(event: WatchEvent): void {
    this.#options.observer?.onEvent?.(event.type);
    if (event.type === "ERROR") return;
    this.#lastEventAt = this.#clock.wall() / 1000;
    if (this.#lastError !== undefined || this.#statusFailures > 0) this.#worked();
  }

  #progressed(version: string): void {
    this.#resourceVersion = version;
    if (this.#synced || this.#caughtUpAt === undefined) return;
    if ((compareResourceVersions(version, this.#caughtUpAt) ?? -1) < 0) return;
    this.#synced = true;
    this.#caughtUpAt = undefined;
    this.#changed();
  }

  async #afterWatch(
    session: WatchSession,
    facts: { from: string; failure: Failure | undefined; signal: AbortSignal },
  ): Promise<Step> {
    const { from, signal } = facts;
    const resume: Step = { do: "watch", from };
    if (signal.aborted) return resume;
    const worked = session.events > 0 || (session.opened && session.age >= LONG_LIVED_MS);
    if (worked) this.#worked();
    if (facts.failure === undefined) return this.#afterCleanEnd(session, { from, signal });
    const failure = this.#failed(facts.failure);
    switch (failure.kind) {
      case "expired": {
        const repeated = this.#within(this.#expiredAt, REPEAT_MS);
        this.#expiredAt = this.#clock.now();
        const list = this.#relist("expired", from);
        return repeated ? this.#later(failure, list) : list;
      }
      case "throttled":
        return this.#later(failure, resume);
      case "cut":
        return resume;
      case "connection":
        return this.#afterBrokenWatch(failure, { from, worked });
      case "not-acceptable":
        if (this.#collection.format.withoutProtobuf()) return resume;
        return this.#afterStatus(failure, from);
      case "too-large":
      case "status":
        return this.#afterStatus(failure, from);
      case "unreadable": {
        const repeated = this.#within(this.#unreadableAt, REPEAT_MS);
        this.#unreadableAt = this.#clock.now();
        return repeated ? this.#later(failure, this.#relist("unreadable", from)) : resume;
      }
    }
  }

  async #afterCleanEnd(
    session: WatchSession,
    { from, signal }: { from: string; signal: AbortSignal },
  ): Promise<Step> {
    if (session.events === 0 && session.age < SHORT_MS) {
      const failure = this.#failed(SHORT_WATCH);
      return this.#later(failure, this.#relist("short-watch", from));
    }
    // After a restore of etcd versions begin anew: a watch from the future is accepted and silent for ever.
    const due = !this.#within(this.#versionCheckedAt, VERSION_CHECK_MS);
    const silent = session.events === 0 && session.age >= LONG_LIVED_MS;
    if (due || silent) {
      this.#versionCheckedAt = this.#clock.now();
      const now = await this.#tryReadVersion(signal);
      if (now !== undefined && (compareResourceVersions(now, from) ?? 0) < 0)
        return this.#relist("version-went-back", undefined);
    }
    return { do: "watch", from };
  }

  /** The resume point outlives every failure of the connection; an outage must not end in a storm of lists. */
  #afterBrokenWatch(failure: Failure, { from, worked }: { from: string; worked: boolean }): Step {
    const resume: Step = { do: "watch", from };
    // One that breaks again and again right after its first event is no better than one that never opens.
    const again = this.#within(this.#brokenAt, SHORT_MS);
    this.#brokenAt = this.#clock.now();
    if (worked && !again) return resume;
    if (this.#within(this.#workedAt, WITHOUT_WATCH_MS)) return this.#later(failure, resume);
    this.#workedAt = this.#clock.now();
    return this.#later(failure, this.#relist("unreachable", from));
  }

  #afterStatus(failure: Failure, from: string): Step {
    this.#statusFailures += 1;
    if (this.#statusFailures < STATUS_FAILURES) return this.#later(failure, { do: "watch", from });
    this.#statusFailures = 0;
    return this.#later(failure, this.#relist("status", from));
  }

  // --- Shared ---

  #relist(reason: RelistReason, atLeast: string | undefined): Step {
    this.#relists += 1;
    this.#options.observer?.onRelist?.(reason);
    this.#log.info("list again", { reason, resourceVersion: this.#resourceVersion });
    return { do: "list", atLeast };
  }

  #later(failure: Failure, next: Step): Step {
    const ms = this.#backoff.next(failure.retryAfterSeconds);
    return { do: "wait", ms, next };
  }

  #failed(failure: Failure): Failure {
    if (failure.kind !== "cut") this.#lastError = failure.message;
    this.#httpStatus = failure.httpStatus;
    if (failure.kind === "unreadable") {
      this.#frameErrors += 1;
      this.#options.observer?.onFrameError?.(failure);
    }
    // An RBAC rule or an API that is missing stays so until somebody acts: said once.
    const standing = failure.httpStatus === 403 || failure.httpStatus === 404;
    this.#log.warn(
      "list or watch failed and is tried again",
      { error: failure.message, kind: failure.kind },
      standing,
    );
    return failure;
  }

  #worked(): void {
    this.#backoff.worked();
    this.#workedAt = this.#clock.now();
    this.#statusFailures = 0;
    this.#lastError = undefined;
    this.#httpStatus = 200;
    this.#log.recovered();
  }

  async #tryReadVersion(signal: AbortSignal): Promise<string | undefined> {
    try {
      return await readVersion(this.#collection, signal);
    } catch (error) {
      if (!signal.aborted) this.#failed(failureOf(error));
      return undefined;
    }
  }

  #within(since: number, ms: number): boolean {
    return this.#clock.now() - since < ms;
  }

  #enter(phase: ReflectorPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#phaseSince = this.#clock.wall();
    this.#changed();
  }

  #changed(): void {
    this.#options.observer?.onState?.(this.state);
  }

  #deliveryTo(sink: ReflectorSink): Delivery {
    return {
      sink,
      reads: this.#collection.format.reads,
      slices: this.#collection.slices,
      onDecodeError: (error, object) => {
        this.#decodeErrors += 1;
        this.#options.observer?.onDecodeError?.(error);
        this.#log.warn(
          "an object cannot be decoded and keeps its old state",
          decodeErrorFields(error, object),
        );
      },
    };
  }
}

const ENDED = {
  kind: "connection",
  reason: "",
  retryAfterSeconds: 0,
  httpStatus: 200,
  status: undefined,
  error: undefined,
} as const;
const EARLY_END: Failure = {
  ...ENDED,
  message: "the streaming list ended before its marking bookmark",
};
const SHORT_WATCH: Failure = {
  ...ENDED,
  message: "the watch ended within a second, without an event",
};
