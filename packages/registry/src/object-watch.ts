import { ExporterError } from "@kube-state-mosaic/errors";
import { ApiError, type ApiClient, type Clock, type Query } from "@kube-state-mosaic/kubernetes";
import { jsonLines } from "./json-lines.ts";
import { pause, retryDelay } from "./pause.ts";

/** What every object says about itself. */
export interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

export interface ObjectWatchOptions<T extends ApiObject> {
  readonly client: ApiClient;
  /** Of the collection. */
  readonly path: string;
  readonly query: Query;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Values in [0, 1). */
  readonly random: () => number;
  /** All objects there are, by a consistent list. What happened in between is not known. */
  readonly onList: (objects: readonly T[]) => void;
  /** An event that happened just now: after a failure the watch never goes on from where it was. */
  readonly onEvent: (type: "ADDED" | "MODIFIED" | "DELETED", object: T) => void;
  /** After a list, before an event, and with bookmarks and opened watches. */
  readonly onAlive: () => void;
  /** A list or watch failed; it begins again with a list after a delay. */
  readonly onFailure: (error: unknown) => void;
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  /** Go encodes an empty list as null in places. */
  readonly items: readonly T[] | null;
}

interface Event<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: T;
}

// Short, so that a stream that died without a sign is noticed soon; starting one anew from its last version costs little.
const WATCH_SECONDS = { least: 120, spread: 60 };
const OVERDUE_MS = 30_000;
const SHORT_MS = 1_000;
// A list and its watches that lasted longer than this make the next failure a first one.
const HEALTHY_MS = 60_000;

/**
 * Follows a handful of objects, in JSON, until aborted. Small collections only: every failure is followed by a whole list,
 * so that events are never those of a time when nobody was connected.
 */
export async function watchObjects<T extends ApiObject>(
  options: ObjectWatchOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const beganAt = options.clock.now();
    try {
      const list = await options.client.getJson<List<T>>(options.path, options.query, signal);
      options.onList(list.items ?? []);
      options.onAlive();
      let version = list.metadata.resourceVersion;
      for (;;) {
        const startedAt = options.clock.now();
        const end = await follow(options, version, signal);
        // A server that ends watches at once must not be asked again at once.
        if (end.events === 0 && options.clock.now() - startedAt < SHORT_MS)
          throw new ExporterError("WATCH_TOO_SHORT", `watch of ${options.path} ended at once`);
        version = end.version;
      }
    } catch (error) {
      if (signal.aborted) return;
      failures = options.clock.now() - beganAt > HEALTHY_MS ? 1 : failures + 1;
      const asked = error instanceof ApiError ? error.retryAfterSeconds * 1_000 : 0;
      // Once, an expired version is a matter of course: a list at once tells all there is to know.
      if (isExpired(error) && failures === 1) continue;
      options.onFailure(error);
      await pause(options.clock, Math.max(asked, retryDelay(failures, options.random)), signal);
    }
  }
}

/** One watch until it ends cleanly. */
async function follow<T extends ApiObject>(
  options: ObjectWatchOptions<T>,
  from: string,
  signal: AbortSignal,
): Promise<{ version: string; events: number }> {
  const timeoutSeconds = WATCH_SECONDS.least + Math.floor(options.random() * WATCH_SECONDS.spread);
  const response = await options.client.stream({
    verb: "watch",
    path: options.path,
    accept: "application/json",
    query: {
      ...options.query,
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: from,
      timeoutSeconds,
    },
    signal,
    headersTimeoutMs: timeoutSeconds * 1_000 + OVERDUE_MS,
    bodyTimeoutMs: timeoutSeconds * 1_000 + OVERDUE_MS,
  });
  options.onAlive();
  let version = from;
  let events = 0;
  for await (const line of jsonLines(response.body)) {
    // The boundary where a frame becomes an event: the path asked for decides what objects it carries.
    const event = line as Event<T>;
    if (event.type === "ERROR") throw new WatchError(options.path, event.object);
    events += 1;
    version = event.object.metadata.resourceVersion ?? version;
    options.onAlive();
    if (event.type !== "BOOKMARK") options.onEvent(event.type, event.object);
  }
  return { version, events };
}

/** The Status in an ERROR event. */
class WatchError extends ExporterError {
  readonly status: number;

  constructor(path: string, object: unknown) {
    const status = object as { code?: number; message?: string };
    super("WATCH_FAILED", `watch of ${path}: ${status.message ?? "an error without a message"}`);
    this.status = status.code ?? 0;
  }
}

function isExpired(error: unknown): boolean {
  if (error instanceof ApiError) return error.httpStatus === 410;
  return error instanceof WatchError && error.status === 410;
}
