import { Backoff } from "./backoff.ts";
import { sleep, systemClock, type Clock } from "./clock.ts";
import { CollectionClient } from "./collection-client.ts";
import { endedEarly, failureOf, refusesStreaming, type Failure } from "./failure.ts";
import { ListSlots } from "./list-slots.ts";
import type { Probe } from "./paged-list.ts";
import type { ReflectorState } from "./reflector-observer.ts";
import type { ReflectorOptions } from "./reflector-options.ts";
import type { ReflectorSink } from "./reflector-sink.ts";
import { ReflectorStatus } from "./reflector-status.ts";
import { compareResourceVersions } from "./resource-version.ts";
import type { Step } from "./step.ts";
import { WatchPolicy } from "./watch-policy.ts";
import type { WatchSession } from "./watch-session.ts";

const LIST_SLOTS = 4;
const START_JITTER_MS = 2_000;
const CATCH_UP_SECONDS = 5;
const REFUSAL_MEMORY_MS = 10 * 60_000;
const VERSION_CHECK_MS = 10 * 60_000;
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
  readonly #requests: CollectionClient;
  readonly #slots: ListSlots;
  readonly #status: ReflectorStatus;
  readonly #policy: WatchPolicy;
  #streamingRefusedUntil = Number.NEGATIVE_INFINITY;
  #earlyEnds = 0;
  #versionCheckedAt: number;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#slots = options.lists ?? new ListSlots(LIST_SLOTS);
    this.#status = new ReflectorStatus(options, this.#clock);
    this.#requests = new CollectionClient(options, {
      clock: this.#clock,
      random: this.#random,
      status: this.#status,
    });
    this.#policy = new WatchPolicy({
      clock: this.#clock,
      backoff: new Backoff(this.#clock, this.#random),
      onRelist: (reason) => this.#status.relists(reason),
    });
    this.#versionCheckedAt = this.#clock.now();
  }

  get state(): ReflectorState {
    return this.#status.state;
  }

  /** Runs until aborted. Rejects only when the sink throws where it must not: everything else is retried. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    const { startJitterMs = START_JITTER_MS } = this.#options;
    try {
      await sleep(this.#clock, this.#random() * startJitterMs, signal);
      let step = await this.#firstStep(signal);
      while (!signal.aborted) step = await this.#take(step, signal);
    } finally {
      this.#status.enter("stopped");
    }
  }

  /**
   * Reads a consistent list into another sink, beside whatever this reflector is doing, and answers its version;
   * `listCompleted` has been called then. Throws what broke it: nothing is retried.
   */
  async listInto(sink: ReflectorSink, signal: AbortSignal): Promise<string> {
    const release = await this.#slots.acquire(signal);
    try {
      signal.throwIfAborted();
      const version = await this.#requests.list(sink, signal);
      sink.listCompleted(version);
      return version;
    } finally {
      release?.();
    }
  }

  /** The present version and size of the whole collection, by a consistent list of one object. Throws what broke it. */
  probe(signal: AbortSignal): Promise<Probe> {
    return this.#requests.probe(signal);
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
    this.#status.enter("backoff");
    await sleep(this.#clock, step.ms, signal);
    return step.next;
  }

  /** A resumed reflector first learns how far it is behind: until then, what it holds may have been deleted long ago. */
  async #firstStep(signal: AbortSignal): Promise<Step> {
    const { resumeFrom: from, firstWatchSeconds = CATCH_UP_SECONDS } = this.#options;
    if (from === undefined) return { do: "list", atLeast: undefined };
    while (!signal.aborted) {
      const now = await this.#requests.version(signal);
      if (typeof now !== "string") {
        await this.#take(this.#policy.later(now, { do: "list", atLeast: undefined }), signal);
        continue;
      }
      const order = compareResourceVersions(from, now);
      if (order === undefined || order > 0) return this.#fromNothing();
      this.#status.resumed(from, now);
      return { do: "watch", from, seconds: firstWatchSeconds };
    }
    return { do: "list", atLeast: undefined };
  }

  async #list(atLeast: string | undefined, signal: AbortSignal): Promise<Step> {
    this.#status.enter("waiting");
    const release = await this.#slots.acquire(signal);
    if (release === undefined) return { do: "list", atLeast };
    try {
      this.#status.enter("listing");
      // What a resumed reflector holds may be older than what was shown elsewhere: "at least as new" is not enough for it.
      const version = this.state.synced ? atLeast : undefined;
      if (!this.#mayStream()) return await this.#pagedList(version, signal);
      return await this.#streamingList(version, { signal, release });
    } finally {
      release();
    }
  }

  #mayStream(): boolean {
    const { streamingList = true, objectLimit = 0 } = this.#options;
    return streamingList && objectLimit <= 0 && this.#clock.now() >= this.#streamingRefusedUntil;
  }

  async #pagedList(atLeast: string | undefined, signal: AbortSignal): Promise<Step> {
    const { sink, useApiserverCache, firstWatchSeconds } = this.#options;
    const version = useApiserverCache === true ? "0" : atLeast;
    let resourceVersion: string;
    try {
      resourceVersion = await this.#requests.list(sink, signal, version);
    } catch (error) {
      const again: Step = { do: "list", atLeast };
      if (signal.aborted) return again;
      const failure = this.#requests.failed(failureOf(error));
      if (this.#requests.fallsBackToJson(failure)) return again;
      const outdated = failure.kind === "expired" || failure.kind === "too-large";
      if (outdated && atLeast !== undefined) return { do: "list", atLeast: undefined };
      return this.#policy.later(failure, again);
    }
    this.#listed(resourceVersion);
    return { do: "watch", from: resourceVersion, seconds: firstWatchSeconds };
  }

  async #streamingList(
    atLeast: string | undefined,
    { signal, release }: { signal: AbortSignal; release: () => void },
  ): Promise<Step> {
    const { sink, firstWatchSeconds } = this.#options;
    const session = this.#requests.session({
      from: atLeast,
      onListed: (version) => {
        release();
        this.#listed(version);
      },
    });
    sink.listStarted(this.#requests.versionsRestarted);
    let failure: Failure | undefined;
    try {
      failure = await session.run(signal);
    } finally {
      this.#status.closed();
      if (!session.listed) sink.listFailed();
    }
    const { resourceVersion: from } = session;
    if (session.listed && from !== undefined) {
      if (failure === undefined && firstWatchSeconds !== undefined)
        return { do: "watch", from, seconds: firstWatchSeconds };
      return this.#afterWatch(session, { from, failure, signal });
    }
    if (signal.aborted) return { do: "list", atLeast };
    return this.#afterUnfinishedStream(session, { failure, atLeast, signal });
  }

  /** Where the streaming list is refused or goes nowhere, pages are read at once, in the same list slot. */
  async #afterUnfinishedStream(
    session: WatchSession,
    facts: { failure: Failure | undefined; atLeast: string | undefined; signal: AbortSignal },
  ): Promise<Step> {
    const { atLeast, signal } = facts;
    const again: Step = { do: "list", atLeast };
    const failure = this.#requests.failed(
      facts.failure ?? endedEarly("the streaming list ended before its marking bookmark"),
    );
    if (this.#requests.fallsBackToJson(failure)) return again;
    if (failure.kind === "connection" && session.opened) {
      this.#earlyEnds += 1;
      const quick = session.events === 0 && session.age < SHORT_MS;
      if (this.#earlyEnds < 2 && !quick) return this.#policy.later(failure, again);
      this.#earlyEnds = 0;
    } else if (failure.kind === "connection" || failure.kind === "throttled")
      return this.#policy.later(failure, again);
    if (failure.kind === "expired" || failure.kind === "too-large") {
      if (atLeast !== undefined) return { do: "list", atLeast: undefined };
      return this.#policy.later(failure, again);
    }
    // A resource that is not there, or a client that is not known, is so for a plain list too.
    if (failure.httpStatus === 404 || failure.httpStatus === 401)
      return this.#policy.later(failure, again);
    if (failure.kind === "cut" || refusesStreaming(failure))
      this.#streamingRefusedUntil = this.#clock.now() + REFUSAL_MEMORY_MS;
    return this.#pagedList(atLeast, signal);
  }

  #listed(resourceVersion: string): void {
    this.#options.sink.listCompleted(resourceVersion);
    this.#requests.versionsRestarted = false;
    this.#earlyEnds = 0;
    this.#versionCheckedAt = this.#clock.now();
    this.#policy.worked();
    this.#status.listed(resourceVersion);
  }

  async #watch(step: Extract<Step, { do: "watch" }>, signal: AbortSignal): Promise<Step> {
    this.#status.watching();
    const session = this.#requests.session({ from: step.from, seconds: step.seconds });
    const failure = await session.run(signal);
    this.#status.closed();
    return this.#afterWatch(session, {
      from: session.resourceVersion ?? step.from,
      failure,
      signal,
    });
  }

  async #afterWatch(
    session: WatchSession,
    facts: { from: string; failure: Failure | undefined; signal: AbortSignal },
  ): Promise<Step> {
    const { from, failure, signal } = facts;
    if (signal.aborted) return { do: "watch", from };
    const worked = session.events > 0 || (session.opened && session.age >= LONG_LIVED_MS);
    if (worked) this.#worked();
    if (failure === undefined) return this.#afterCleanEnd(session, { from, signal });
    this.#requests.failed(failure);
    if (this.#requests.fallsBackToJson(failure)) return { do: "watch", from };
    return this.#policy.after(failure, { from, worked });
  }

  async #afterCleanEnd(
    session: WatchSession,
    { from, signal }: { from: string; signal: AbortSignal },
  ): Promise<Step> {
    if (session.events === 0 && session.age < SHORT_MS) {
      const failure = this.#requests.failed(
        endedEarly("the watch ended within a second, without an event"),
      );
      return this.#policy.later(failure, this.#policy.relist("short-watch", from));
    }
    // After a restore of etcd versions begin anew: a watch from the future is accepted and silent for ever.
    const silent = session.events === 0 && session.age >= LONG_LIVED_MS;
    if (silent || this.#clock.now() - this.#versionCheckedAt >= VERSION_CHECK_MS) {
      this.#versionCheckedAt = this.#clock.now();
      const now = await this.#requests.version(signal);
      if (typeof now === "string" && (compareResourceVersions(now, from) ?? 0) < 0)
        return this.#fromNothing();
    }
    return { do: "watch", from };
  }

  #fromNothing(): Step {
    this.#requests.versionsRestarted = true;
    return this.#policy.relist("version-went-back", undefined);
  }

  #worked(): void {
    this.#policy.worked();
    this.#status.worked();
  }
}
