import {
  compareStates,
  leaseDuration,
  type Layout,
  type LayoutState,
} from "@kube-state-mosaic/sharding";
import type { Timeline } from "./timeline.ts";
import type { Worker } from "./worker.ts";

export interface Violation {
  /** Number of the invariant in the protocol. */
  readonly invariant: number;
  readonly text: string;
  /** Seconds. */
  readonly time: number;
}

/** How long a report of readiness may outlive its worker: a Lease and its delivery, in milliseconds. */
const reportLife = 60_000;

/** The slowest delivery of the registry, in milliseconds. */
const newsDelay = 5_000;

/** Clocks are wrong by at most this, in milliseconds. */
const skewLimit = 2_000;

/** Invariants that need to see more than one actor sees. */
export class Checks {
  readonly violations: Violation[] = [];
  /** All that ever ran, the dead ones too. */
  readonly workers: Worker[] = [];
  /** Members that were told to end and did not leave, but restart. */
  restarts = 0;
  readonly #timeline: Timeline;
  readonly #log: (text: string) => void;
  readonly #epochs = new Map<object, number>();

  constructor(timeline: Timeline, log: (text: string) => void) {
    this.#timeline = timeline;
    this.#log = log;
  }

  get living(): Worker[] {
    return this.workers.filter(({ exited }) => !exited);
  }

  fail(invariant: number, text: string): void {
    const time = this.#timeline.now / 1_000;
    this.violations.push({ invariant, text, time });
    this.#log(`VIOLATION of ${invariant}: ${text}`);
  }

  /** 4: a commit loses no slot that is covered. */
  written(before: LayoutState | undefined, after: LayoutState): void {
    if (before?.pending !== undefined && after.active.epoch === before.pending.epoch)
      this.#committed(before.active, after.active);
  }

  /** 1: what an actor sees only grows. */
  epochSeen(actor: object, epoch: number): void {
    const before = this.#epochs.get(actor) ?? 0;
    if (epoch < before) this.fail(1, `an actor goes from epoch ${before} back to ${epoch}`);
    this.#epochs.set(actor, epoch);
  }

  /** 6: nobody who is the only one to hold an active slot goes of its own accord. */
  leaves(leaver: Worker, stored: LayoutState | undefined): void {
    const { state } = leaver.layouts;
    if (stored === undefined || state === undefined || compareStates(stored, state) < 0) return;
    for (const layout of [stored.active, stored.pending])
      if (layout?.members.includes(leaver.ordinal) === true && leaver.isSynced(layout.epoch))
        this.fail(6, `worker ${leaver.ordinal} leaves, but epoch ${layout.epoch} counts on it`);
  }

  /**
   * 5: whoever answers one epoch has one and the same layout, so that the parts add up; epochs differ only around an activation, or
   * where the news is late.
   */
  instant(stored: LayoutState, isRestored: boolean): void {
    const activations = new Map<number, number>();
    for (const worker of this.living) {
      const current = worker.current();
      if (current === undefined) continue;
      this.epochSeen(worker, current.epoch);
      const hasNews = worker.layouts.state?.active.epoch === stored.active.epoch;
      if (hasNews) activations.set(current.epoch, current.activateAt);
    }
    if (activations.size < 2) return;
    // Whoever was away, or started, while the store had lost writes learns of the epochs between only now.
    if (isRestored && this.#timeline.now < stored.active.activateAt + 2 * skewLimit) return;
    const epochs = [...activations.keys()];
    const newest = activations.get(Math.max(...epochs)) ?? 0;
    const distance = Math.abs(this.#timeline.now - newest);
    if (distance > 2 * skewLimit)
      this.fail(5, `epochs ${epochs.join()} at one time, ${distance} ms from an activation`);
  }

  /** 5: what a worker shows is the world of its version. */
  store(worker: Worker): void {
    for (const store of worker.stores) {
      const [fault] = store.faults();
      if (fault !== undefined) this.fail(5, `worker ${worker.ordinal} holds ${fault}`);
    }
  }

  #committed(before: Layout, after: Layout): void {
    const pairs = new Set<string>();
    before.slots.forEach((owner, slot) => {
      const [from, to] = [before.members[owner], after.members[after.slots[slot] ?? 0]];
      if (from !== to) pairs.add(`${from}>${to}`);
    });
    for (const pair of pairs) {
      const [from, to] = pair.split(">");
      // Whose Lease has run out is dead to all others, even if it lives on a node that is cut off, until the news of it comes.
      const holds = this.living.some(
        (worker) =>
          worker.ordinal === from &&
          worker.isSynced(before.epoch) &&
          this.#timeline.now - worker.reported < leaseDuration &&
          this.#timeline.now - worker.revived > newsDelay,
      );
      const takes = this.workers.some(
        (worker) =>
          worker.ordinal === to &&
          ((!worker.exited && worker.isSynced(after.epoch)) ||
            this.#timeline.now - (worker.lastReady.get(after.epoch) ?? -Infinity) < reportLife),
      );
      if (holds && !takes)
        this.fail(4, `epoch ${after.epoch} is committed, but ${to} cannot stand in for ${from}`);
    }
  }
}
