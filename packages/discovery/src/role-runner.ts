import { messageOf } from "@kube-state-mosaic/errors";
import type { Clock, ReflectorState, Slices } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { KindName, KindTypes } from "./kubernetes-objects.ts";
import type { DiscoveryMetrics } from "./metrics.ts";
import type { Change, ObjectCache } from "./object-cache.ts";
import { roleRules, type RelatedKinds, type RoleName, type RoleRules } from "./role-rules.ts";
import type { AttachMetadata, Surroundings } from "./roles/surroundings.ts";
import { emptyGroup, type TargetGroup } from "./target-group.ts";
import type { ClusterAccess, Selector, Watch, Watches } from "./watches.ts";
import { WorkQueue } from "./work-queue.ts";

/** What one role reads in one namespace, or in all. */
interface RoleScope {
  readonly role: RoleName;
  readonly cluster: ClusterAccess;
  readonly namespace: string | undefined;
  readonly selectors: Readonly<Partial<Record<KindName, Selector>>>;
  readonly attach: AttachMetadata;
}

export interface RoleRunnerOptions {
  readonly scope: RoleScope;
  /** Called with a group for every object that was looked at, changed or not. */
  readonly send: (group: TargetGroup) => void;
  /** Called once, when the first complete set of groups has been sent. */
  readonly onComplete: () => void;
  readonly clock: Clock;
  readonly slices: Slices;
  readonly logger: Logger;
  readonly metrics: DiscoveryMetrics | undefined;
}

/** A running role: turns changes of objects into groups, after everything that it needs has been listed once. */
export interface RoleRunner {
  readonly complete: boolean;
  readonly idle: boolean;
  readonly queued: number;
  /** How the watches are doing that the role waits for. */
  readonly watches: readonly { readonly label: string; readonly state: ReflectorState }[];
  stop(): void;
}

export function runRole(watches: Watches, options: RoleRunnerOptions): RoleRunner {
  const { role } = options.scope;
  // The rules of a role speak of its own main kind only, which the runner never looks into.
  return new Runner(watches, roleRules[role] as unknown as RoleRules<"pods">, options);
}

class Runner implements RoleRunner {
  readonly #watches: Watches;
  readonly #rules: RoleRules<"pods">;
  readonly #options: RoleRunnerOptions;
  readonly #related: RelatedKinds<KindTypes["pods"]>;
  readonly #held: Watch<KindTypes[KindName]>[] = [];
  readonly #awaited: Watch<KindTypes[KindName]>[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #caches: { [Name in KindName]?: ObjectCache<KindTypes[Name]> } = {};
  readonly #around: Surroundings;
  readonly #main: ObjectCache<KindTypes["pods"]>;
  readonly #queue: WorkQueue;
  #complete = false;

  constructor(watches: Watches, rules: RoleRules<"pods">, options: RoleRunnerOptions) {
    this.#watches = watches;
    this.#rules = rules;
    this.#options = options;
    const { scope, clock, slices, metrics } = options;
    this.#related = rules.related(scope.attach);
    const queue_name = scope.role;
    this.#queue = new WorkQueue({
      process: (key) => this.#process(key),
      clock,
      slices,
      observer: metrics && {
        onAdd: () => metrics.queueItems.add(1, { queue_name }),
        onDone: (waited, worked) => {
          metrics.queueLatency.observe(waited, { queue_name });
          metrics.queueWork.observe(worked, { queue_name });
        },
      },
    });
    this.#main = this.#hold(rules.main, true);
    // The kinds are the keys of the table, which Object.keys widens.
    for (const kind of Object.keys(this.#related) as KindName[]) this.#follow(kind);
    this.#around = surroundings(scope.attach, this.#caches);
    this.#followMain();
    this.#startWhenSynced();
  }

  get complete(): boolean {
    return this.#complete;
  }

  get idle(): boolean {
    return this.#queue.idle;
  }

  get queued(): number {
    return this.#queue.depth;
  }

  get watches(): readonly Watch<KindTypes[KindName]>[] {
    return this.#awaited;
  }

  stop(): void {
    this.#queue.stop();
    for (const end of this.#ends) end();
    for (const watch of this.#held) watch.release();
  }

  #hold<Name extends KindName>(kind: Name, awaited: boolean): ObjectCache<KindTypes[Name]> {
    const { cluster, namespace, selectors } = this.#options.scope;
    const scope = { cluster, namespace, selector: selectors[kind] };
    const watch = this.#watches.acquire(kind, scope);
    // What is common to all watches is all that these two lists are for.
    const any = watch as unknown as Watch<KindTypes[KindName]>;
    this.#held.push(any);
    if (awaited) this.#awaited.push(any);
    // The table's types follow from its keys, which a generic key hides.
    (this.#caches as Record<KindName, unknown>)[kind] = watch.cache;
    return watch.cache;
  }

  #follow<Name extends KindName>(kind: Name): void {
    const related = this.#related[kind];
    if (related === undefined) return;
    const { queues, counted } = related;
    const cache = this.#hold(kind, related.awaited);
    const take = (change: Change<KindTypes[Name]>): void => {
      const role = counted?.(change);
      if (role !== undefined) this.#count(role, change.event);
      if (queues === undefined) return;
      for (const key of queues(change, this.#main)) this.#queue.add(key);
    };
    if (counted !== undefined)
      for (const key of cache.keys()) {
        const role = counted({ event: "add", key, before: undefined, after: cache.get(key) });
        if (role !== undefined) this.#count(role, "add");
      }
    this.#ends.push(cache.listen(take));
  }

  #followMain(): void {
    const { role } = this.#options.scope;
    for (const key of this.#main.keys()) {
      this.#count(role, "add");
      this.#queue.add(key);
    }
    this.#ends.push(
      this.#main.listen(({ key, event }) => {
        this.#count(role, event);
        this.#queue.add(key);
      }),
    );
  }

  #startWhenSynced(): void {
    const start = (): void => {
      if (!this.#awaited.every(({ cache }) => cache.synced)) return;
      this.#queue.start(() => {
        this.#complete = true;
        this.#options.onComplete();
      });
    };
    for (const { cache } of this.#awaited) this.#ends.push(cache.whenSynced(start));
  }

  #process(key: string): void {
    const object = this.#main.get(key);
    const { sourceOf, groupOf } = this.#rules;
    const { send, logger, scope } = this.#options;
    if (object === undefined) return send(emptyGroup(sourceOf(key)));
    try {
      const group = groupOf(object, this.#around);
      if (group !== undefined) return send(group);
      logger.warn("an object has no address and gets no targets; earlier ones stay", {
        role: scope.role,
        object: key,
      });
    } catch (error) {
      logger.error("an object could not be turned into targets; earlier ones stay", {
        role: scope.role,
        object: key,
        error: messageOf(error),
      });
    }
  }

  #count(role: RoleName, event: "add" | "update" | "delete"): void {
    this.#options.metrics?.events.add(1, { role, event });
  }
}

function surroundings(
  attach: AttachMetadata,
  caches: { readonly [Name in KindName]?: ObjectCache<KindTypes[Name]> },
): Surroundings {
  return {
    attach,
    node: (name) => caches.nodes?.get(name),
    namespace: (name) => caches.namespaces?.get(name),
    service: (key) => caches.services?.get(key),
    pod: (key) => caches.pods?.get(key),
    replicaSet: (key) => caches.replicasets?.get(key),
    job: (key) => caches.jobs?.get(key),
  };
}
