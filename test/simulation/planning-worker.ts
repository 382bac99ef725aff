import {
  livenessOf,
  noMemory,
  plan,
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
  readonly #observed = new Map<string, { lease: WorkerLease; changedAt: number }>();
  #stored: StoredLayout | undefined;
  #connectedSince: number | undefined;
  #memory = noMemory;
  #busy = false;
  #pendingSince = 0;

  constructor(world: World, worker: Worker) {
    this.#world = world;
    this.#worker = worker;
  }

  connected(connected: boolean): void {
    this.#connectedSince = connected ? this.#world.timeline.now : undefined;
  }

  observe(ordinal: string, lease: WorkerLease): void {
    const before = this.#observed.get(ordinal);
    if (before !== undefined && before.lease.version >= lease.version) return;
    this.#observed.set(ordinal, { lease, changedAt: this.#world.timeline.now });
  }

  /** False if something newer has been read before. */
  read(stored: StoredLayout): boolean {
    if ((this.#stored?.version ?? -1) > stored.version) return false;
    this.#stored = stored;
    return true;
  }

  step(confirmed: boolean): void {
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
      rank: Number(this.#worker.ordinal),
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
        return this.step(true);
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
