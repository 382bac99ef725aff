import { ExporterError } from "@kube-state-mosaic/errors";
import { createListReader, type ListMetadata, type RawObject } from "@kube-state-mosaic/wire";
import type { ApiClient, Query } from "./api-client.ts";
import { ApiError, isExpired } from "./api-error.ts";
import { deliver, readItems, type Delivery } from "./delivery.ts";
import type { ReadFormat } from "./read-format.ts";
import type { Slices } from "./slices.ts";

/** One resource on one server, in all namespaces or one. */
export interface Collection {
  readonly client: ApiClient;
  readonly path: string;
  /** Selectors: repeated on every list and watch. */
  readonly query: Query;
  readonly format: ReadFormat;
  readonly slices: Slices;
}

export interface PagedListOptions {
  readonly collection: Collection;
  readonly delivery: Delivery;
  readonly signal: AbortSignal;
  readonly pageSize: number;
  /** For the sink's `listStarted`. */
  readonly versionsRestarted: boolean;
  /** Absent: a consistent list. "0" lets the server answer from any state, however old: only where the user asks for it. */
  readonly version: string | undefined;
  /** Only the first this many objects count, and one page is asked for. */
  readonly objectLimit: number | undefined;
  readonly onPage: (result: "success" | "error", objects: number) => void;
  /** The shard selector a page says was applied. */
  readonly onShardSelector: (applied: string | undefined) => void;
}

/**
 * Reads a complete list, page by page, into the sink and answers its version. Calls `listStarted` and, if it does not come to an
 * end, `listFailed`; the caller calls `listCompleted`. Throws what broke it, ApiErrors included.
 */
export async function readPagedList(options: PagedListOptions): Promise<string> {
  try {
    return await attempt(options, options.pageSize);
  } catch (error) {
    if (!expiredLater(error)) throw error;
  }
  // The first token expired between two pages: the whole list once more, and if that is too slow again, in one piece.
  try {
    return await attempt(options, options.pageSize);
  } catch (error) {
    if (!expiredLater(error)) throw error;
  }
  return attempt(options, 0);
}

async function attempt(options: PagedListOptions, limit: number): Promise<string> {
  const { sink } = options.delivery;
  sink.listStarted(options.versionsRestarted);
  let complete = false;
  try {
    const version = await readAllPages(options, limit);
    complete = true;
    return version;
  } finally {
    if (!complete) sink.listFailed();
  }
}

async function readAllPages(options: PagedListOptions, limit: number): Promise<string> {
  const { collection, objectLimit, version } = options;
  let query: Query = {
    ...collection.query,
    limit: objectLimit ?? (limit === 0 ? undefined : limit),
    resourceVersion: version,
    // Without a match rule a limit would turn "at least" into "exactly".
    resourceVersionMatch: version === undefined || version === "0" ? undefined : "NotOlderThan",
  };
  // All pages show the state of the first one; should a server differ, the oldest version misses nothing.
  let first: string | undefined;
  for (;;) {
    const page = await readDeliveredPage(options, { query, later: first !== undefined });
    first ??= page.resourceVersion;
    if (page.continue === "" || objectLimit !== undefined) return first;
    query = {
      ...query,
      continue: page.continue,
      resourceVersion: undefined,
      resourceVersionMatch: undefined,
    };
  }
}

async function readDeliveredPage(
  options: PagedListOptions,
  { query, later }: { query: Query; later: boolean },
): Promise<ListMetadata> {
  const most = options.objectLimit ?? Number.POSITIVE_INFINITY;
  let objects = 0;
  try {
    const page = await readPage(options.collection, {
      query,
      signal: options.signal,
      take: (object) => {
        if (objects >= most) return;
        objects += 1;
        deliver(options.delivery, object, { origin: "list", added: true });
      },
    });
    options.onPage("success", objects);
    options.onShardSelector(page.shardSelector);
    return page;
  } catch (error) {
    options.onPage("error", objects);
    throw later && error instanceof ApiError && isExpired(error.status)
      ? new ExporterError("LIST_PAGE_EXPIRED", error.message, { cause: error })
      : error;
  }
}

/** One LIST request, read to its end. Throws also when the body stops early or names no version. */
async function readPage(
  collection: Collection,
  options: { query: Query; signal: AbortSignal; take: (object: RawObject) => void },
): Promise<ListMetadata> {
  const response = await collection.client.stream({
    verb: "list",
    path: collection.path,
    query: options.query,
    accept: collection.format.accept("list"),
    signal: options.signal,
  });
  const reader = createListReader(response.contentType);
  await readItems(response.body, reader, {
    slices: collection.slices,
    take: (object) => {
      options.take(object);
      return true;
    },
  });
  const metadata = reader.end();
  if (metadata.resourceVersion === "")
    throw new ExporterError(
      "WIRE_NO_VERSION",
      `the list of ${collection.path} has no resourceVersion: a watch could not begin anywhere`,
    );
  return metadata;
}

/** A collection as a consistent list of one object shows it. */
export interface Probe {
  readonly resourceVersion: string;
  /** Objects at that version; undefined where the server does not say, as with label and field selectors. */
  readonly count: number | undefined;
}

/** The collection's present version and size; costs the server little and never brings more than one object's metadata. */
export async function readProbe(collection: Collection, signal: AbortSignal): Promise<Probe> {
  // With a shard selector the server would still count all objects: the count is that of the whole collection.
  const query = { ...collection.query, shardSelector: undefined, limit: 1 };
  let items = 0;
  const page = await readPage(
    { ...collection, format: collection.format.metadataOnly() },
    { query, signal, take: () => (items += 1) },
  );
  const whole = page.continue === "" ? items : undefined;
  const { remainingItemCount: rest } = page;
  return {
    resourceVersion: page.resourceVersion,
    count: rest === undefined ? whole : items + rest,
  };
}

function expiredLater(error: unknown): boolean {
  return error instanceof ExporterError && error.code === "LIST_PAGE_EXPIRED";
}
