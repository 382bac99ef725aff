import type { BodyStream } from "./body-stream.ts";
import type { ChangeEvent, Collection } from "./collection.ts";
import { bookmarkContent, encodeEvent, encodeSingle, statusContent } from "./event-encoding.ts";
import type { Fault, SentEvent } from "./faults.ts";
import type { FrameCache } from "./frame-cache.ts";
import type { ListOptions } from "./list-options.ts";
import type { Format } from "./negotiate.ts";
import { ObjectVersion } from "./object-version.ts";
import type { StatusBody } from "./status.ts";
import { expired, failure } from "./status.ts";

export interface WatchSetting {
  readonly collection: Collection;
  readonly namespace: string;
  readonly options: ListOptions;
  readonly format: Format;
  readonly faults: readonly Fault[];
  readonly stream: BodyStream;
  readonly frames: FrameCache;
  readonly bookmarkIntervalSeconds: number;
  /** Seconds, for watches without `timeoutSeconds`. */
  readonly defaultTimeoutSeconds: number;
}

/** How many initial events are encoded before other work gets its turn. */
const slice = 200;

/**
 * One running watch: a position in the collection's history and a stream. Events wait in the history, not here,
 * so a slow client costs nothing; when the history has moved past its position the watch ends, as it does on a real server.
 */
export class Watch {
  readonly #setting: WatchSetting;
  readonly #faults: Fault[];
  readonly #timers: NodeJS.Timeout[] = [];
  #unsubscribe: () => void = () => {};
  #position = 0;
  #started = 0;
  #initial: ObjectVersion[] | undefined;
  #initialIndex = 0;
  #markInitialEnd = false;
  #running = false;
  #sent = 0;
  #columns = true;
  #ended = false;

  constructor(setting: WatchSetting) {
    this.#setting = setting;
    this.#faults = [...setting.faults];
  }

  /** Begins after `resourceVersion`; `initial` objects are sent first, as ADDED. */
  start(resourceVersion: number, initial?: ObjectVersion[]): void {
    const { collection, options, bookmarkIntervalSeconds, defaultTimeoutSeconds } = this.#setting;
    this.#position = resourceVersion;
    this.#started = resourceVersion;
    this.#initial = initial;
    this.#markInitialEnd = initial !== undefined && options.sendInitialEvents && options.bookmarks;
    if (initial === undefined && !collection.canWatchFrom(resourceVersion)) {
      this.fail(expired(`too old resource version: ${resourceVersion}`).status);
      return;
    }
    // Changes of before the watch are no news to mark: only what moves the version further is.
    if (initial === undefined)
      this.#started = Math.max(resourceVersion, collection.lastEventVersion);
    const timeout = options.timeoutSeconds ?? defaultTimeoutSeconds;
    this.#after(timeout, () => this.end());
    if (options.bookmarks) {
      if (timeout > 2) this.#after(timeout - 2, () => this.#bookmark());
      const repeat = (): void => {
        this.#bookmark();
        this.#after(bookmarkIntervalSeconds, repeat);
      };
      this.#after(bookmarkIntervalSeconds, repeat);
    }
    this.#unsubscribe = collection.subscribe(() => this.#wake());
    this.#wake();
  }

  /** Sends an ERROR event and ends. */
  fail(status: StatusBody): void {
    this.#write(
      encodeEvent(this.#setting.format, "ERROR", statusContent(this.#setting.format, status)),
    );
    this.end();
  }

  /** Ends cleanly. */
  end(): void {
    if (this.#ended) return;
    this.stop();
    this.#setting.stream.end();
  }

  /** Lets go of timers and the collection; the client is gone or will be. */
  stop(): void {
    this.#ended = true;
    this.#unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.length = 0;
  }

  #after(seconds: number, action: () => void): void {
    // Timers hold at most 2^31 - 1 milliseconds.
    const timer = setTimeout(action, Math.min(seconds * 1000, 2 ** 31 - 1));
    timer.unref();
    this.#timers.push(timer);
  }

  #wake(): void {
    if (this.#running || this.#ended) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
      // A change may have come between the last look and now.
      if (!this.#ended && !this.#setting.stream.closed && this.#next() !== undefined) this.#wake();
    });
  }

  async #run(): Promise<void> {
    const { stream } = this.#setting;
    if (this.#initial !== undefined) await this.#sendInitial(this.#initial);
    for (;;) {
      if (this.#ended || stream.closed) return;
      if (this.#setting.collection.hasForgottenAfter(this.#position)) return this.end();
      const event = this.#next();
      if (event === undefined) return;
      this.#position = event.resourceVersion;
      if (!this.#sendChange(event)) await stream.drained();
    }
  }

  #next(): ChangeEvent | undefined {
    return this.#setting.collection.eventAfter(this.#position);
  }

  async #sendInitial(initial: readonly ObjectVersion[]): Promise<void> {
    const { stream, namespace, options } = this.#setting;
    while (this.#initialIndex < initial.length) {
      for (let i = 0; i < slice && this.#initialIndex < initial.length; i++) {
        const object = initial[this.#initialIndex++];
        if (object === undefined || this.#ended || stream.closed) return;
        if (namespace !== "" && object.namespace !== namespace) continue;
        if (options.selector !== undefined && !options.selector(object)) continue;
        if (!this.#sendObject("ADDED", object, undefined)) await stream.drained();
      }
      await new Promise(setImmediate);
    }
    this.#initial = undefined;
    if (this.#markInitialEnd) this.#sendBookmark(this.#started, true);
    this.#markInitialEnd = false;
  }

  /** What selectors make of a change: an object that begins to match is ADDED, one that ceases to is DELETED. */
  #sendChange(event: ChangeEvent): boolean {
    const { namespace } = this.#setting;
    if (namespace !== "" && event.object.namespace !== namespace) return true;
    const { selector } = this.#setting.options;
    if (selector === undefined) return this.#sendObject(event.type, event.object, event);
    const before = event.previous !== undefined && selector(event.previous);
    if (event.type === "DELETED")
      return before ? this.#sendObject("DELETED", event.object, event) : true;
    const after = selector(event.object);
    if (after) return this.#sendObject(before ? "MODIFIED" : "ADDED", event.object, event);
    if (!before || event.previous === undefined) return true;
    const last = event.previous.withResourceVersion(event.resourceVersion);
    return this.#sendObject("DELETED", last, undefined);
  }

  #sendObject(
    type: "ADDED" | "MODIFIED" | "DELETED",
    object: ObjectVersion,
    event: ChangeEvent | undefined,
  ): boolean {
    const { format, frames } = this.#setting;
    const sent: SentEvent = {
      type,
      namespace: object.namespace,
      name: object.name,
      uid: object.uid,
      resourceVersion: object.resourceVersion,
      initialEventsEnd: false,
    };
    if (this.#dropped(sent)) return true;
    const stripped = this.#faults.some((fault) => fault.kind === "strip-uid" && fault.event(sent));
    const plain = !stripped && format.form !== "table" && event !== undefined;
    const frame = plain
      ? frames.get(event, `${type}:${format.media}:${format.form}`, () =>
          encodeEvent(format, type, encodeSingle(format, object)),
        )
      : encodeEvent(
          format,
          type,
          encodeSingle(format, stripped ? withoutUid(object) : object, this.#columns),
        );
    this.#columns = false;
    return this.#count(frame);
  }

  #bookmark(): void {
    const { collection } = this.#setting;
    if (this.#ended || this.#initial !== undefined || this.#running) return;
    // None is sent while the collection's version has not moved past the start.
    if (collection.observed <= this.#started) return;
    if (this.#next() === undefined) {
      this.#position = Math.max(this.#position, collection.observed);
      this.#sendBookmark(this.#position, false);
    }
  }

  #sendBookmark(resourceVersion: number, initialEventsEnd: boolean): void {
    const { collection, format } = this.#setting;
    const sent: SentEvent = {
      type: "BOOKMARK",
      namespace: "",
      name: "",
      uid: "",
      resourceVersion,
      initialEventsEnd,
    };
    if (this.#dropped(sent)) return;
    const mark = { resourceVersion, initialEventsEnd, columns: this.#columns };
    this.#columns = false;
    this.#count(
      encodeEvent(format, "BOOKMARK", bookmarkContent(format, collection.resource, mark)),
    );
  }

  #dropped(event: SentEvent): boolean {
    return this.#faults.some((fault) => fault.kind === "drop" && fault.event(event));
  }

  #count(frame: Buffer): boolean {
    const flowing = this.#write(frame);
    this.#sent++;
    this.#applyEventFaults();
    return flowing;
  }

  /** Faults that wait for a number of events; 0 means before the first one. */
  #applyEventFaults(): void {
    for (;;) {
      const index = this.#faults.findIndex(
        (fault) => "afterEvents" in fault && fault.afterEvents <= this.#sent,
      );
      const [fault] = index < 0 ? [] : this.#faults.splice(index, 1);
      if (fault === undefined || !("afterEvents" in fault)) return;
      if (fault.kind === "insert") this.#write(Buffer.from(fault.bytes));
      else if (fault.kind === "end") this.end();
      else
        this.fail(
          failure(fault.code, fault.reason, {
            message: fault.message ?? fault.reason,
            ...(fault.retryAfter === undefined
              ? {}
              : { details: { retryAfterSeconds: fault.retryAfter } }),
          }),
        );
    }
  }

  /** To be called once before anything is sent. */
  applyEarlyFaults(): void {
    this.#applyEventFaults();
  }

  #write(bytes: Buffer): boolean {
    return this.#setting.stream.write(bytes);
  }
}

function withoutUid(object: ObjectVersion): ObjectVersion {
  const content = object.object();
  const metadata = { ...content.metadata };
  delete metadata.uid;
  return new ObjectVersion(object.resource, object.resourceVersion, {
    facts: object,
    source: JSON.stringify({ ...content, metadata }),
  });
}
