import type { IncomingHttpHeaders } from "node:http";

export type Verb =
  | "list"
  | "watch"
  | "get"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  | "other";

/** What a fault's condition may look at. */
export interface FaultRequest {
  readonly verb: Verb;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** An event about to be sent, as far as a fault's condition may look at it. */
export interface SentEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: number;
  readonly initialEventsEnd: boolean;
}

/** What goes wrong. Byte counts are of the uncompressed body; event counts include bookmarks. */
export type Fault =
  /** Answers with this status instead of the real answer; `form` is what the body looks like (default `json`). */
  | {
      readonly kind: "status";
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      /** Seconds. */
      readonly retryAfter?: number;
      readonly form?: "json" | "protobuf" | "text" | "html" | "unlabelled" | "empty";
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection ends before any byte of an answer: reset (RST) or closed (FIN). */
  | { readonly kind: "refuse"; readonly how: "reset" | "close" }
  /** Nothing is answered, not even headers, until the promise settles. */
  | { readonly kind: "hold"; readonly until: Promise<void> }
  /** The body stops after so many bytes: `end` as if it were complete, `close` by FIN, `reset` by RST. */
  | { readonly kind: "cut"; readonly afterBytes: number; readonly how: "end" | "close" | "reset" }
  /** After so many bytes nothing more comes, and no end. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** The body goes out in pieces of so many bytes. */
  | { readonly kind: "split"; readonly bytes: number }
  /** Bytes that do not belong there, between two events of a watch. */
  | { readonly kind: "insert"; readonly afterEvents: number; readonly bytes: Uint8Array }
  /** An ERROR event, then the end. */
  | {
      readonly kind: "error-event";
      readonly afterEvents: number;
      readonly code: number;
      readonly reason: string;
      readonly message?: string;
      readonly retryAfter?: number;
    }
  /** A watch ends cleanly after so many events. */
  | { readonly kind: "end"; readonly afterEvents: number }
  /** Events that are silently not sent. */
  | { readonly kind: "drop"; readonly event: (event: SentEvent) => boolean }
  /** Events whose object has no uid. */
  | { readonly kind: "strip-uid"; readonly event: (event: SentEvent) => boolean }
  /** A page is answered 410, with a token for an inconsistent continuation. */
  | { readonly kind: "expire-continue" }
  /** A page lacks its continue token: the list looks complete. */
  | { readonly kind: "drop-continue" }
  /** A page without items, but with a continue token. */
  | { readonly kind: "empty-page" }
  | { readonly kind: "null-items" }
  /** The server does as if these parameters had not been sent. */
  | { readonly kind: "ignore"; readonly parameters: readonly string[] };

/** Which requests a fault is for: all conditions that are given must hold. */
export interface FaultCondition {
  /** A path without query; text matches the resource's path and every namespaced form of it. */
  readonly path?: string | RegExp;
  readonly verb?: Verb | readonly Verb[];
  readonly when?: (request: FaultRequest) => boolean;
  /** How many requests it strikes, 1 by default; `Infinity` until it is removed. */
  readonly times?: number;
}

interface Rule {
  readonly condition: FaultCondition;
  readonly fault: Fault;
  left: number;
}

/** The faults of one server: rules are tried in order, and all that match strike together. */
export class Faults {
  readonly #rules = new Set<Rule>();

  /** Registers a fault; call the result to remove it. */
  on(condition: FaultCondition, fault: Fault): () => void {
    const rule: Rule = { condition, fault, left: condition.times ?? 1 };
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  clear(): void {
    this.#rules.clear();
  }

  /** Faults that have not struck as often as they should: a test can assert that there are none. */
  get pending(): number {
    return [...this.#rules].filter(({ left }) => Number.isFinite(left)).length;
  }

  /** The faults of a request; `resourcePath` is its cluster-wide path. */
  take(request: FaultRequest, resourcePath: string): Fault[] {
    const struck: Fault[] = [];
    for (const rule of this.#rules) {
      if (!holds(rule.condition, request, resourcePath)) continue;
      struck.push(rule.fault);
      rule.left--;
      if (rule.left <= 0) this.#rules.delete(rule);
    }
    return struck;
  }
}

function holds(condition: FaultCondition, request: FaultRequest, resourcePath: string): boolean {
  const { path, verb, when } = condition;
  if (path !== undefined) {
    const matches =
      typeof path === "string"
        ? path === request.path || path === resourcePath
        : path.test(request.path);
    if (!matches) return false;
  }
  if (verb !== undefined && ![verb].flat().includes(request.verb)) return false;
  return when === undefined || when(request);
}
