import { messageOf } from "@kube-state-mosaic/errors";
import {
  ListSlots,
  Reflector,
  type ApiClient,
  type Clock,
  type ReflectorState,
  type Slices,
} from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { kinds, type KindName, type KindTypes, type ObjectKind } from "./kubernetes-objects.ts";
import type { DiscoveryMetrics } from "./metrics.ts";
import { ObjectCache } from "./object-cache.ts";

/** How one API server is reached; equal keys mean the same access. */
export interface ClusterAccess {
  readonly key: string;
  readonly client: ApiClient;
}

/** What is sent with LIST and WATCH, unchanged. */
export interface Selector {
  readonly label: string;
  readonly field: string;
}

/** Which objects to keep. */
export interface WatchScope {
  readonly cluster: ClusterAccess;
  /** Undefined: all; of kinds without namespace it is not looked at. */
  readonly namespace: string | undefined;
  readonly selector: Selector | undefined;
}

/** A share in a watch: its objects, and how it is doing. `release` gives the share back. */
export interface Watch<T extends KindTypes[KindName]> {
  readonly cache: ObjectCache<T>;
  /** For people: `pods in monitoring`. */
  readonly label: string;
  readonly state: ReflectorState;
  release(): void;
}

export interface WatchesOptions {
  readonly clock: Clock;
  readonly slices: Slices;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics | undefined;
  /** Upper bound of the random delay before the first request, in milliseconds. */
  readonly startJitterMs: number;
  /** Values in [0, 1); default `Math.random`. */
  readonly random?: () => number;
}

interface Running {
  readonly kind: KindName;
  readonly cache: { readonly size: number };
  users: number;
}

const listsAtATime = 4;

/** One watch for each collection and selector, however many roles, namespaces and jobs read it. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #lists = new ListSlots(listsAtATime);
  readonly #running = new Map<string, Running & { readonly watch: unknown }>();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** Takes part in a watch, and starts it when nobody else does. */
  acquire<Name extends KindName>(name: Name, scope: WatchScope): Watch<KindTypes[Name]> {
    const kind: ObjectKind<KindTypes[Name]> = kinds[name];
    const { cluster, selector } = scope;
    const namespace = kind.namespaced ? scope.namespace : undefined;
    const key = JSON.stringify([cluster.key, name, namespace, selector?.label, selector?.field]);
    let running = this.#running.get(key);
    if (running === undefined) {
      const started = this.#start(kind, { cluster, namespace, selector });
      running = { kind: name, cache: started.cache, users: 0, watch: started };
      this.#running.set(key, running);
    }
    running.users += 1;
    // The key begins with the kind, which decides the type.
    const { cache, label, reflector, stop } = running.watch as Started<KindTypes[Name]>;
    let held = true;
    const release = (): void => {
      const shared = this.#running.get(key);
      if (!held || shared === undefined) return;
      held = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#running.delete(key);
      stop();
    };
    return {
      cache,
      label,
      get state() {
        return reflector.state;
      },
      release,
    };
  }

  /** Number of watches and objects by kind. */
  count(): ReadonlyMap<KindName, { watches: number; objects: number }> {
    const counts = new Map<KindName, { watches: number; objects: number }>();
    for (const { kind, cache } of this.#running.values()) {
      const { watches, objects } = counts.get(kind) ?? { watches: 0, objects: 0 };
      counts.set(kind, { watches: watches + 1, objects: objects + cache.size });
    }
    return counts;
  }

  #start<T extends KindTypes[KindName]>(kind: ObjectKind<T>, scope: WatchScope): Started<T> {
    const { cluster, namespace, selector } = scope;
    const { clock, slices, logger, metrics, startJitterMs, random } = this.#options;
    const cache = new ObjectCache<T>(kind);
    const controller = new AbortController();
    const label = namespace === undefined ? kind.name : `${kind.name} in ${namespace}`;
    const failed = (result: "success" | "error"): void => {
      if (result === "error" && !controller.signal.aborted) metrics?.failures.add(1);
    };
    const reflector = new Reflector({
      client: cluster.client,
      path: pathIn(kind, namespace),
      resource: kind.name,
      sink: cache,
      reads: kind.reads,
      query: { labelSelector: selector?.label, fieldSelector: selector?.field },
      lists: this.#lists,
      slices,
      clock,
      startJitterMs,
      ...(random !== undefined && { random }),
      log: logger,
      observer: {
        onList: failed,
        onWatch: failed,
        onDecodeError: () => metrics?.decodeErrors.add(1),
      },
    });
    reflector.run(controller.signal).catch((error: unknown) => {
      logger.error("a watch ended by a fault of this program; its objects stay as they are", {
        watch: label,
        error: messageOf(error),
      });
    });
    return { cache, label, reflector, stop: () => controller.abort() };
  }
}

interface Started<T extends KindTypes[KindName]> {
  readonly cache: ObjectCache<T>;
  readonly label: string;
  readonly reflector: Reflector;
  readonly stop: () => void;
}

function pathIn(
  { path, name }: Pick<ObjectKind<unknown>, "path" | "name">,
  namespace: string | undefined,
): string {
  if (namespace === undefined) return path;
  return `${path.slice(0, -name.length)}namespaces/${encodeURIComponent(namespace)}/${name}`;
}
