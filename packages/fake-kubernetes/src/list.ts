import type { ClusterState } from "./cluster-state.ts";
import type { Collection } from "./collection.ts";
import type { Fault } from "./faults.ts";
import type { ListBody } from "./list-encoding.ts";
import type { ListOptions } from "./list-options.ts";
import type { ObjectVersion } from "./object-version.ts";
import { ApiFailure, badRequest, expired, versionTooLarge } from "./status.ts";

const expiredContinue =
  "The provided continue parameter is too old to display a consistent list result. Start a new list without it, or go on with the token of this response, which gives an inconsistent list.";

interface Token {
  /** The version of the first page. */
  readonly version: number;
  /** Keys from here on. */
  readonly start: string;
}

/** The answer to a LIST: which objects, at which version, and where the next page begins. Throws ApiFailure: 400, 410, 504. */
export function listPage(
  state: ClusterState,
  target: { readonly collection: Collection; readonly namespace: string },
  request: { readonly options: ListOptions; readonly faults: readonly Fault[] },
): ListBody {
  const { collection, namespace } = target;
  const { options, faults } = request;
  const has = (kind: Fault["kind"]): boolean => faults.some((fault) => fault.kind === kind);
  const token = options.continue === "" ? undefined : decodeToken(options);
  if (token !== undefined && has("expire-continue")) throw expiredPage(state, token);
  const { objects, version } = select(state, collection, { options, token });
  const scope = namespace === "" ? objects : inNamespace(objects, namespace);
  const from = token === undefined ? 0 : firstFrom(scope, token.start);
  // The watch cache ignores the limit for "any version".
  const limit =
    options.resourceVersion === 0 && token === undefined && options.match !== "Exact"
      ? 0
      : options.limit;
  if (has("empty-page") && limit > 0)
    return page(
      { collection, options, version },
      { items: [], next: scope[from]?.key, left: scope.length - from },
    );
  const items: ObjectVersion[] = [];
  let index = from;
  for (; index < scope.length && (limit === 0 || items.length < limit); index++) {
    const object = scope[index];
    if (object !== undefined && (options.selector === undefined || options.selector(object)))
      items.push(object);
  }
  const cut = has("drop-continue");
  const body = page(
    { collection, options, version },
    {
      items,
      // The token names the last key sent with a zero byte behind it: whatever sorts right after.
      next: index < scope.length && !cut ? `${scope[index - 1]?.key ?? ""}\0` : undefined,
      left: scope.length - index,
    },
  );
  return has("null-items") ? { ...body, items: [], nullItems: true } : body;
}

function page(
  list: {
    readonly collection: Collection;
    readonly options: ListOptions;
    readonly version: number;
  },
  content: {
    readonly items: ObjectVersion[];
    readonly next: string | undefined;
    readonly left: number;
  },
): ListBody {
  const { collection, options, version } = list;
  const { items, next, left } = content;
  return {
    resource: collection.resource,
    items,
    meta: {
      resourceVersion: String(version),
      continue: next === undefined ? "" : encodeToken({ version, start: next }),
      // Counts unfiltered objects under a shard selector, and is missing under label and field selectors.
      remainingItemCount: next !== undefined && options.countable ? left : undefined,
      shardSelector: collection.resource.custom ? undefined : options.shardSelector,
    },
  };
}

function select(
  state: ClusterState,
  collection: Collection,
  asked: { readonly options: ListOptions; readonly token: Token | undefined },
): { readonly objects: ObjectVersion[]; readonly version: number } {
  const { options, token } = asked;
  if (token !== undefined) {
    // A token without a version is the inconsistent one of an earlier 410.
    if (token.version < 0) {
      collection.observe(state.resourceVersion);
      return { objects: collection.current(), version: state.resourceVersion };
    }
    try {
      return { objects: collection.stateAt(token.version), version: token.version };
    } catch (error) {
      throw error instanceof ApiFailure ? expiredPage(state, token) : error;
    }
  }
  const version = options.resourceVersion;
  if (version === 0) return { objects: collection.current(), version: collection.observed };
  if (version !== undefined && version > state.resourceVersion)
    throw versionTooLarge(version, state.resourceVersion);
  const exact = options.match === "Exact" || (options.match === "" && options.limit > 0);
  if (version !== undefined && exact) return { objects: collection.stateAt(version), version };
  if (version === undefined || version > collection.observed)
    collection.observe(state.resourceVersion);
  return { objects: collection.current(), version: collection.observed };
}

function inNamespace(objects: ObjectVersion[], namespace: string): ObjectVersion[] {
  return objects.filter((object) => object.namespace === namespace);
}

function firstFrom(objects: readonly ObjectVersion[], key: string): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((objects[middle]?.key ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function expiredPage(state: ClusterState, token: Token): ApiFailure {
  return expired(
    expiredContinue,
    encodeToken({ version: -1, start: token.start || String(state.resourceVersion) }),
  );
}

function encodeToken({ version, start }: Token): string {
  return Buffer.from(
    JSON.stringify({ v: "meta.k8s.io/v1", rv: version, start: `/${start}` }),
  ).toString("base64url");
}

function decodeToken(options: ListOptions): Token {
  let token: unknown;
  try {
    token = JSON.parse(Buffer.from(options.continue, "base64url").toString("utf8"));
  } catch {
    throw badRequest("invalid continue token: continue key is not valid");
  }
  const { rv, start } = (token ?? {}) as { rv?: unknown; start?: unknown };
  if (typeof rv !== "number" || typeof start !== "string")
    throw badRequest("invalid continue token: continue key is not valid");
  if (options.resourceVersion !== undefined && options.resourceVersion !== 0)
    throw badRequest("specifying resource version is not allowed when using continue");
  return { version: rv, start: start.slice(1) };
}
