import type { Logger } from "@kube-state-mosaic/telemetry";
import type { ApiClient, Query } from "./api-client.ts";
import type { Clock } from "./clock.ts";
import type { ListSlots } from "./list-slots.ts";
import type { Reads } from "./read-format.ts";
import type { ReflectorObserver } from "./reflector-observer.ts";
import type { ReflectorSink } from "./reflector-sink.ts";
import type { Slices } from "./slices.ts";

export interface ReflectorOptions {
  readonly client: ApiClient;
  /** Of the collection: `/api/v1/pods`, `/apis/apps/v1/namespaces/x/deployments`. */
  readonly path: string;
  /** Plural name, for the log. */
  readonly resource: string;
  readonly sink: ReflectorSink;
  /** Default `full`. */
  readonly reads?: Reads;
  /** Ask for protobuf first; default true. False for custom resources. */
  readonly protobuf?: boolean;
  /** `labelSelector`, `fieldSelector`, `shardSelector`: sent with every list and watch. */
  readonly query?: Query;
  /** Try the streaming list first; default true. An object limit turns it off. */
  readonly streamingList?: boolean;
  /** Objects in one LIST response; default 500. */
  readonly pageSize?: number;
  /** The user's wish that LIST requests be answered from any state (`resourceVersion=0`). Never set it otherwise. */
  readonly useApiserverCache?: boolean;
  /** Take only the first this many objects of a list; 0 or absent for all. Watch events are not limited. */
  readonly objectLimit?: number;
  /** `timeoutSeconds` of the watch that follows a list, which brings a bookmark soon; default: as any other. */
  readonly firstWatchSeconds?: number;
  /** Start with a watch from this version: the sink holds the state of then. `synced` turns true when it has caught up. */
  readonly resumeFrom?: string;
  /** Shared by all reflectors of a server; default: 4 of its own. */
  readonly lists?: ListSlots;
  /** Shared by all reflectors of a process. */
  readonly slices?: Slices;
  /** Upper bound of the random delay before the first request; default 2,000. */
  readonly startJitterMs?: number;
  readonly clock?: Clock;
  /** Values in [0, 1). */
  readonly random?: () => number;
  readonly observer?: ReflectorObserver;
  /** Fields never hold object content. */
  readonly log?: Pick<Logger, "info" | "warn">;
}
