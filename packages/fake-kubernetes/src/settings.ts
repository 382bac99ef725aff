import type { IncomingHttpHeaders } from "node:http";
import type { Verb } from "./faults.ts";
import type { ShardSelectorSupport } from "./list-options.ts";
import type { Access } from "./reviews.ts";

/** What a server can be told to do differently while it runs. */
export interface Settings {
  shardSelector: ShardSelectorSupport;
  /** `refuse-match` and `refuse-gate` are the two 422s of older servers, `refuse-storage` is the ERROR event, `ignore` sends no marking bookmark. */
  streamingLists: "serve" | "refuse-match" | "refuse-gate" | "refuse-storage" | "ignore";
  bookmarkIntervalSeconds: number;
  /** For watches without `timeoutSeconds`. */
  watchTimeoutSeconds: number;
  /** How long a version from the future is waited for. */
  tooLargeVersionWaitSeconds: number;
  gitVersion: string;
  /** Whether a request without a known bearer token is answered 401. */
  authentication: boolean;
  access: Access;
}

/** One request as it was, for assertions. */
export interface RequestRecord {
  readonly method: string;
  readonly verb: Verb;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body sent so far; moves while a watch runs. */
  readonly bytes: number;
}
