import { ExporterError } from "@kube-state-mosaic/errors";
import { createWatchReader, type RawObject, type WatchEvent } from "@kube-state-mosaic/wire";
import type { StreamResponse } from "./api-client.ts";
import type { Clock } from "./clock.ts";
import { deliver, readItems, remove, type Delivery } from "./delivery.ts";
import { failureOf, failureOfStatus, type Failure } from "./failure.ts";
import type { Collection } from "./paged-list.ts";
import type { StreamBody } from "./response-body.ts";
import { compareResourceVersions } from "./resource-version.ts";

export interface WatchSessionOptions {
  readonly collection: Collection;
  readonly delivery: Delivery;
  readonly clock: Clock;
  /** Where to begin; for a streaming list the least version wanted, absent for a consistent one. */
  readonly from: string | undefined;
  /** A streaming list: the objects there are come first, then a marking bookmark. */
  readonly initial: boolean;
  /** Leave after the marking bookmark. */
  readonly initialOnly: boolean;
  readonly timeoutSeconds: number;
  readonly onOpen: (result: "success" | "error") => void;
  readonly onEvent: (event: WatchEvent) => void;
  /** The sink holds everything up to this version. */
  readonly onProgress: (resourceVersion: string) => void;
  /** The streaming list is complete. */
  readonly onListed: (resourceVersion: string) => void;
}

// The server ends a watch itself; one that outlives its time by this much is not connected to it any more.
const OVERDUE_MS = 30_000;
// Bookmarks come every 60 s. Where they do, three minutes without a byte mean a dead stream.
const SILENCE_MS = 180_000;
const BOOKMARK_MS = { least: 40_000, most: 90_000 };
const INITIAL_SILENCE_MS = 30_000;
// At 250 events a second each then costs half of what it does alone. What comes meanwhile lies in the kernel's buffers.
const GATHER_MS = 200;

/** One WATCH request and what came of it. */
export class WatchSession {
  readonly #options: WatchSessionOptions;
  readonly #startedAt: number;
  readonly #cut = new AbortController();
  #lastByteAt: number;
  #bookmarkAt: number | undefined;
  #regularBookmarks = false;
  #stopTimer = (): void => undefined;
  #body: StreamBody | undefined;

  /** Events and bookmarks. */
  events = 0;
  opened = false;
  /** The list part is complete; true from the start for a plain watch. */
  listed: boolean;
  /** Resume point. */
  resourceVersion: string | undefined;

  constructor(options: WatchSessionOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#lastByteAt = this.#startedAt;
    this.listed = !options.initial;
    this.resourceVersion = options.initial ? undefined : options.from;
  }

  /** Milliseconds since the request. */
  get age(): number {
    return this.#options.clock.now() - this.#startedAt;
  }

  /** Resolves when the stream is over: `undefined` for a clean end. Rejects only with errors of the sink's own making. */
  async run(signal: AbortSignal): Promise<Failure | undefined> {
    const { clock } = this.#options;
    const stop = (): void => this.#cut.abort(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    const watchdog = (): void => {
      const overdue = this.#overdue();
      if (overdue.ms <= 0) return this.#cut.abort(cut(overdue.code, this.#options));
      this.#stopTimer = clock.after(overdue.ms, watchdog);
    };
    watchdog();
    try {
      const response = await this.#open(this.#cut.signal);
      return await this.#read(response);
    } catch (error) {
      if (error instanceof SinkFailure) throw error.cause;
      return failureOf(error);
    } finally {
      this.#stopTimer();
      signal.removeEventListener("abort", stop);
    }
  }

  async #open(signal: AbortSignal): Promise<StreamResponse> {
    const { collection, from, initial, timeoutSeconds, onOpen } = this.#options;
    try {
      const response = await collection.client.stream({
        verb: "watch",
        path: collection.path,
        query: {
          ...collection.query,
          watch: true,
          allowWatchBookmarks: true,
          timeoutSeconds,
          resourceVersion: from,
          ...(initial && { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }),
        },
        accept: collection.format.accept("watch"),
        signal,
        // Some proxies hold the head back until the first event.
        headersTimeoutMs: timeoutSeconds * 1000 + OVERDUE_MS,
        bodyTimeoutMs: 0,
      });
      this.opened = true;
      onOpen("success");
      return response;
    } catch (error) {
      onOpen("error");
      throw error;
    }
  }

  async #read(response: StreamResponse): Promise<Failure | undefined> {
    const { collection, clock } = this.#options;
    const reader = createWatchReader(response.contentType);
    this.#body = response.body;
    if (this.listed) this.#gather();
    let failure: Failure | undefined;
    const end = await readItems(response.body, reader, {
      slices: collection.slices,
      onChunk: () => {
        this.#lastByteAt = clock.now();
      },
      take: (event) => {
        this.#options.onEvent(event);
        if (event.type === "ERROR") {
          failure = failureOfStatus(event.status);
          return false;
        }
        this.events += 1;
        this.#lastByteAt = clock.now();
        return this.#take(event);
      },
    });
    if (end === "ended") reader.end();
    return failure;
  }

  /** Answers whether to go on. */
  #take(event: Exclude<WatchEvent, { type: "ERROR" }>): boolean {
    const { delivery } = this.#options;
    switch (event.type) {
      case "ADDED":
      case "MODIFIED":
        deliver(delivery, event.object, {
          origin: this.listed ? "watch" : "list",
          added: event.type === "ADDED",
        });
        this.#moveTo(event.object);
        return true;
      case "DELETED":
        remove(delivery, event.object);
        this.#moveTo(event.object);
        return true;
      case "BOOKMARK":
        return this.#bookmark(event);
    }
  }

  /** Versions before the marking bookmark are no resume points: the objects come in the order of their keys. */
  #moveTo(object: RawObject): void {
    if (this.listed) this.#progress(object.resourceVersion);
  }

  #bookmark(event: Extract<WatchEvent, { type: "BOOKMARK" }>): boolean {
    const { resourceVersion } = event;
    if (resourceVersion === "") return true;
    if (this.listed) {
      this.#rhythm();
      this.#sink(() => this.#options.delivery.sink.bookmark(resourceVersion));
      this.#progress(resourceVersion);
      return true;
    }
    if (!event.initialEventsEnd) return true;
    this.listed = true;
    this.#gather();
    this.resourceVersion = resourceVersion;
    this.#sink(() => this.#options.onListed(resourceVersion));
    return !this.#options.initialOnly;
  }

  /** Events are gathered, objects of a list are not: there is more of them than anybody can read. */
  #gather(): void {
    this.#body?.gather?.(GATHER_MS);
  }

  #progress(version: string): void {
    if (version === "") return;
    const before = this.resourceVersion;
    // Within one watch versions never go back; a stitched one must not move the resume point back either.
    if (before !== undefined && (compareResourceVersions(version, before) ?? 1) < 0) return;
    this.resourceVersion = version;
    this.#options.onProgress(version);
  }

  #rhythm(): void {
    const now = this.#options.clock.now();
    const gap = this.#bookmarkAt === undefined ? 0 : now - this.#bookmarkAt;
    this.#bookmarkAt = now;
    if (gap >= BOOKMARK_MS.least && gap <= BOOKMARK_MS.most) this.#regularBookmarks = true;
  }

  /** The time left until the stream has to be cut, and why it would be. */
  #overdue(): { ms: number; code: CutCode } {
    const now = this.#options.clock.now();
    const left = (since: number, limit: number): number => since + limit - now;
    const whole = left(this.#startedAt, this.#options.timeoutSeconds * 1000 + OVERDUE_MS);
    const [silence, code] = !this.listed
      ? ([left(this.#lastByteAt, INITIAL_SILENCE_MS), "CUT_NO_MARKING_BOOKMARK"] as const)
      : this.#regularBookmarks
        ? ([left(this.#lastByteAt, SILENCE_MS), "CUT_SILENT"] as const)
        : // Bookmarks may turn out regular later on: look again by then.
          ([SILENCE_MS, "CUT_OVERDUE"] as const);
    return silence < whole ? { ms: silence, code } : { ms: whole, code: "CUT_OVERDUE" };
  }

  #sink(call: () => void): void {
    try {
      call();
    } catch (error) {
      throw new SinkFailure(error);
    }
  }
}

type CutCode = "CUT_OVERDUE" | "CUT_SILENT" | "CUT_NO_MARKING_BOOKMARK";

const CUTS: Readonly<Record<CutCode, string>> = {
  CUT_OVERDUE: "outlived its time by 30 s and was cut",
  CUT_SILENT: "was silent for 3 minutes although bookmarks come every minute, and was cut",
  CUT_NO_MARKING_BOOKMARK: "sent neither an event nor its marking bookmark for 30 s and was cut",
};

function cut(code: CutCode, { collection }: WatchSessionOptions): ExporterError {
  return new ExporterError(code, `watch of ${collection.path} ${CUTS[code]}`);
}

/** Carries an error of the sink, which is a defect of the program, past those of the stream. */
class SinkFailure {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}
