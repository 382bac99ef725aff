import type { LayoutState, ReportedView } from "@kube-state-mosaic/sharding";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

export interface StoredLayout {
  readonly version: number;
  readonly state: LayoutState | undefined;
}

export interface WorkerLease {
  readonly version: number;
  readonly holder: string;
  readonly views: ReadonlyMap<number, ReportedView>;
  readonly floor: number;
  readonly leaving: boolean;
}

/** Somebody who watches. Deliveries are late, in order, and lost while the connection is cut; then everything is listed anew. */
export interface Observer {
  cut: boolean;
  /** Whether it is told of workers' Leases. */
  readonly followsLeases: boolean;
  onLayout(stored: StoredLayout): void;
  /** `live`: it has just been written; otherwise that may be long ago. */
  onLease(ordinal: string, lease: WorkerLease, live: boolean): void;
  /** All Leases have been told, and each change of one will be. */
  onLeasesListed(): void;
  onConnected(connected: boolean): void;
  gone(): boolean;
}

interface Watch {
  readonly observer: Observer;
  connected: boolean;
  lastDelivery: number;
}

/** The API server's Leases: compare-and-swap for the layout, one Lease a worker, watches with delays. */
export class Registry {
  layout: StoredLayout = { version: 0, state: undefined };
  down = false;
  damages = 0;
  /** Upper bound of a delivery's delay, in milliseconds. */
  slowness = 300;
  readonly leases: Map<string, WorkerLease> = new Map();
  /** Called with each state that is written. */
  onWrite: (before: LayoutState | undefined, after: LayoutState) => void = () => {};
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #watches: Watch[] = [];
  #version = 0;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  watch(observer: Observer): void {
    const watch: Watch = { observer, connected: false, lastDelivery: 0 };
    this.#watches.push(watch);
    const check = (): void => {
      if (observer.gone()) {
        this.#watches.splice(this.#watches.indexOf(watch), 1);
        return;
      }
      this.#check(watch);
      this.#timeline.after(this.#random.between(400, 600), check);
    };
    this.#timeline.after(this.#random.between(0, 200), check);
  }

  reachable(observer: Observer): boolean {
    return !this.down && !observer.cut;
  }

  /** False if somebody else has written since. */
  swapLayout(version: number, state: LayoutState): boolean {
    if (version !== this.layout.version) return false;
    const before = this.layout.state;
    this.layout = { version: ++this.#version, state };
    this.onWrite(before, state);
    this.#tellLayout();
    return true;
  }

  /** Another hand than a planner's: the Lease is deleted, or goes back to an older state. */
  damageLayout(state: LayoutState | undefined): void {
    this.damages++;
    this.layout = { version: ++this.#version, state };
    this.#tellLayout();
  }

  writeLease(ordinal: string, lease: Omit<WorkerLease, "version">): void {
    const written = { ...lease, version: ++this.#version };
    this.leases.set(ordinal, written);
    for (const watch of this.#watches)
      if (watch.observer.followsLeases)
        this.#deliver(watch, () => watch.observer.onLease(ordinal, written, true));
  }

  /** The observer has begun to follow the Leases. */
  listLeases(observer: Observer): void {
    for (const watch of this.#watches) if (watch.observer === observer) this.#list(watch);
  }

  #tellLayout(): void {
    const { layout } = this;
    for (const watch of this.#watches) this.#deliver(watch, () => watch.observer.onLayout(layout));
  }

  #check(watch: Watch): void {
    const connected = this.reachable(watch.observer);
    if (connected === watch.connected) return;
    watch.connected = connected;
    if (!connected) return watch.observer.onConnected(false);
    const { layout } = this;
    this.#deliver(watch, () => watch.observer.onLayout(layout));
    if (watch.observer.followsLeases) this.#list(watch);
    this.#deliver(watch, () => watch.observer.onConnected(true));
  }

  #list(watch: Watch): void {
    for (const [ordinal, lease] of this.leases)
      this.#deliver(watch, () => watch.observer.onLease(ordinal, lease, false));
    this.#deliver(watch, () => watch.observer.onLeasesListed());
  }

  #deliver(watch: Watch, run: () => void): void {
    if (!watch.connected) return;
    const { now } = this.#timeline;
    const due = Math.max(watch.lastDelivery, now + this.#random.between(5, this.slowness));
    watch.lastDelivery = due;
    this.#timeline.after(due - now, () => {
      if (!watch.connected || watch.observer.gone()) return;
      if (this.reachable(watch.observer)) return run();
      watch.connected = false;
      watch.observer.onConnected(false);
    });
  }
}
