import {
  livenessOf,
  noMemory,
  noStandby,
  plan,
  plannerRank,
  standBy,
  timing,
  type LayoutState,
  type MemberReport,
  type Plan,
  type PlanInput,
} from "@kube-state-mosaic/sharding";
import type { StoredLayout, WorkerLease } from "./registry.ts";
import type { Worker, World } from "./worker.ts";

/** The planner in a worker: what it has seen of the registry, and what it writes. */
export class PlanningWorker {
  readonly #world: World;
  readonly #worker: Worker;
  readonly #observed = new Map<string, { lease: WorkerLease; changedAt: number | undefined }>();
  #stored: StoredLayout | undefined;
  #connectedSince: number | undefined;
  #memory = noMemory;
  #standby = noStandby;
  #busy = false;
  #pendingSince = 0;

  constructor(world: World, worker: Worker) {
    this.#world = world;
    this.#worker = worker;
  }

  /** Whether it is one of those who plan now. */
  get following(): boolean {
    return this.#standby.followingSince !== undefined;
  }

  disconnected(): void {
    this.#connectedSince = undefined;
  }

  listed(): void {
    if (this.following) this.#connectedSince ??= this.#world.timeline.now;
  }

  observe(ordinal: string, lease: WorkerLease, live: boolean): void {
    const before = this.#observed.get(ordinal);
    if (!this.following || (before !== undefined && before.lease.version >= lease.version)) return;
    const changedAt = live ? this.#world.timeline.now : before?.changedAt;
    this.#observed.set(ordinal, { lease, changedAt });
  }

  /** False if something newer has been read before. */
  read(stored: StoredLayout): boolean {
    if ((this.#stored?.version ?? -1) > stored.version) return false;
    this.#stored = stored;
    return true;
  }

  /** To be called every few seconds. */
  tick(): void {
    this.#standBy();
    if (this.following) this.#step(false);
  }

  #standBy(): void {
    const { timeline, statefulSet, registry, variant } = this.#world;
    const { following } = this;
    const rank = this.#rankOf(this.#worker.ordinal);
    // A broken worker that leaves planning to the first three, come what may.
    if (variant === "three-planners" && rank > 2) return;
    const before = this.#members().filter(
      ({ ordinal, liveness }) => liveness === "fresh" && this.#rankOf(ordinal) < rank,
    );
    this.#standby = standBy(this.#standby, {
      rank: variant === "three-planners" ? 0 : rank,
      stored: this.#stored?.state,
      known: this.#worker.layouts.state,
      statefulSet: statefulSet.read(timeline.now - 500),
      freshBefore: before.length,
      now: timeline.now,
    });
    if (this.following === following) return;
    this.#world.log(
      `worker ${this.#worker.ordinal} ${following ? "leaves planning to others" : "plans"}`,
    );
    if (this.following) return registry.listLeases(this.#worker);
    this.#connectedSince = undefined;
    this.#observed.clear();
  }

  #rankOf(ordinal: string): number {
    return plannerRank(this.#worker.layouts.state, ordinal, this.#world.statefulSet.state.start);
  }

  #step(confirmed: boolean): void {
    if (this.#busy || this.#connectedSince === undefined || this.#stored === undefined) return;
    const { timeline, random, faulty, statefulSet, registry } = this.#world;
    // A consistent read may still come from a server that is a little behind: the fence has to bear it.
    const delay = confirmed
      ? faulty()
        ? random.between(0, 1_000)
        : 0
      : random.between(0, faulty() ? 6_000 : 500);
    const input: PlanInput = {
      stored: this.#stored.state,
      known: this.#worker.layouts.state,
      members: this.#members(),
      statefulSet: statefulSet.read(timeline.now - delay),
      confirmed,
      connectedSince: this.#connectedSince,
      rank: this.#rankOf(this.#worker.ordinal),
      hash: "fnv1a64",
      now: timeline.now,
      wall: this.#worker.wall,
    };
    const result = this.#broken(plan(this.#memory, input), input);
    this.#memory = result.memory;
    const { version } = this.#stored;
    if (result.write === undefined && result.confirm === undefined) return;
    this.#busy = true;
    timeline.after(random.between(5, faulty() ? 1_500 : 100), () => {
      this.#busy = false;
      if (this.#worker.exited || !registry.reachable(this.#worker)) return;
      if (result.write === undefined) {
        this.#worker.onLayout(registry.layout);
        return this.#step(true);
      }
      if (faulty() && random.chance(0.1)) return; // The request is lost.
      const done = registry.swapLayout(version, result.write);
      this.#world.log(
        `worker ${this.#worker.ordinal} writes ${result.reason}: ${done ? "done" : "refused"}`,
      );
      if (faulty() && random.chance(0.1)) return; // The answer is lost.
      this.#worker.onLayout(registry.layout);
    });
  }

  #members(): MemberReport[] {
    if (!this.following) return [];
    const { now } = this.#world.timeline;
    const connectedSince = this.#connectedSince;
    return [...this.#observed].map(([ordinal, { lease, changedAt }]) => ({
      ordinal,
      liveness: livenessOf({ changedAt, connectedSince, now }),
      views: lease.views,
      floor: lease.floor,
      leaving: lease.leaving,
    }));
  }

  /** A broken planner that commits after 20 s, come what may. */
  #broken(result: Plan, { stored, wall }: PlanInput): Plan {
    if (this.#world.variant !== "commit-on-time-out" || stored?.pending === undefined) {
      this.#pendingSince = wall;
      return result;
    }
    if (result.write !== undefined || wall - this.#pendingSince < 20_000) return result;
    const { pending, active } = stored;
    const write: LayoutState = {
      ...stored,
      active: { ...pending, activateAt: wall + timing.lead },
      pending: undefined,
      previous: { epoch: active.epoch, digest: active.digest },
    };
    return { memory: result.memory, reason: "commit", write };
  }
}
