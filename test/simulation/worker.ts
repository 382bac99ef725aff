import {
  adopt,
  answerableEpochs,
  defaultView,
  gainedSlots,
  isPodReady,
  leaseDuration,
  mayLeave,
  noLayouts,
  ownedSlots,
  reportedViews,
  retire,
  setSynced,
  slotCount,
  terminationOf,
  type Layout,
  type LayoutState,
  type ShownVersions,
  type WorkerLayouts,
} from "@kube-state-mosaic/sharding";
import type { Checks } from "./checks.ts";
import { PlanningWorker } from "./planning-worker.ts";
import type { Random } from "./random.ts";
import type { Observer, Registry, StoredLayout, WorkerLease } from "./registry.ts";
import { ShardStore, type StoredRow } from "./shard-store.ts";
import type { Pod, Process, StatefulSet } from "./stateful-set.ts";
import type { Timeline } from "./timeline.ts";
import type { Variant } from "./variant.ts";
import type { Resource } from "./cluster.ts";

export interface World {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly registry: Registry;
  readonly statefulSet: StatefulSet;
  readonly resources: readonly Resource[];
  readonly checks: Checks;
  readonly variant: Variant;
  readonly faulty: () => boolean;
  readonly listTime: () => number;
  readonly log: (text: string) => void;
}

export interface Handover extends ShownVersions {
  readonly covered: string;
}

/** Answer of a worker to the coordinator: all at one instant. */
export interface Manifest {
  readonly time: number;
  readonly incarnation: string;
  readonly state: LayoutState | undefined;
  /** Rows by epoch. */
  readonly views: ReadonlyMap<number, readonly StoredRow[]>;
  readonly reflectors: ReadonlyMap<string, Handover>;
}

/** A worker process, from its start to its end. */
export class Worker implements Process, Observer {
  readonly ordinal: string;
  readonly incarnation: string;
  readonly pod: Pod;
  /** By how much its clock is wrong, in milliseconds. */
  readonly skew: number;
  readonly stores: ShardStore[];
  layouts: WorkerLayouts = noLayouts;
  exited = false;
  cut = false;
  /** When it last was ready for an epoch. */
  readonly lastReady: Map<number, number> = new Map();
  /** When it last wrote its Lease, and when it did so after a time in which that had run out. */
  reported: number = -Infinity;
  revived: number = -Infinity;
  readonly #world: World;
  readonly #planner: PlanningWorker;
  #reportDue = false;
  #terminating = false;
  #deadline: number | undefined;

  constructor(world: World, pod: Pod) {
    const { timeline, random, registry } = world;
    this.#world = world;
    this.pod = pod;
    this.ordinal = pod.ordinal;
    this.incarnation = `${pod.uid} of ${timeline.now.toFixed(0)}`;
    this.skew = world.faulty() ? random.between(-2_000, 2_000) : random.between(-50, 50);
    this.stores = world.resources.map((resource) => {
      const staleLists = world.variant === "stale-lists";
      const lag = (): number => random.between(5, world.faulty() ? 4_000 : 500);
      const settings = { listTime: world.listTime, lag, staleLists };
      return new ShardStore(resource, world, settings);
    });
    for (const store of this.stores) store.onChange = () => this.#refresh();
    this.#planner = new PlanningWorker(world, this);
    registry.watch(this);
    timeline.every(
      () => (Number(this.ordinal) < 2 ? random.between(900, 1_100) : random.between(2_700, 3_300)),
      () => this.exited,
      () => this.#tick(),
    );
    this.#report();
  }

  get wall(): number {
    return this.#world.timeline.now + this.skew;
  }

  gone(): boolean {
    return this.exited;
  }

  isReady(): boolean {
    if (this.exited || this.cut) return false;
    if (this.#world.variant !== "readiness-after-commit")
      return isPodReady(this.layouts, this.ordinal);
    const { state } = this.layouts;
    return (
      state?.active.members.includes(this.ordinal) === true && this.isSynced(state.active.epoch)
    );
  }

  isSynced(epoch: number): boolean {
    return this.layouts.views.some((view) => view.layout.epoch === epoch && view.synced);
  }

  get followsLeases(): boolean {
    return this.#planner.following;
  }

  onConnected(connected: boolean): void {
    if (connected) this.#report();
    else this.#planner.disconnected();
  }

  onLease(ordinal: string, lease: WorkerLease, live: boolean): void {
    this.#planner.observe(ordinal, lease, live);
  }

  onLeasesListed(): void {
    this.#planner.listed();
  }

  onLayout(stored: StoredLayout): void {
    if (!this.#planner.read(stored)) return;
    const { state } = stored;
    if (state === undefined) return;
    const adoption = adopt(this.layouts, this.#seen(state));
    if (adoption.verdict === "conflict")
      this.#world.checks.fail(1, `${this.#name} finds another layout of an epoch`);
    if (adoption.verdict !== "adopted") return;
    this.layouts = adoption.layouts;
    for (const layout of adoption.build) this.#build(layout);
    if (adoption.drop.length > 0) this.#free();
    this.#refresh();
    this.#report();
  }

  terminate(killedAt: number): void {
    if (this.#terminating || this.exited) return;
    this.#terminating = true;
    const { timeline, statefulSet, random, log } = this.#world;
    timeline.after(random.between(10, 1_000), () => {
      if (this.exited) return;
      const decision = terminationOf({
        layouts: this.layouts,
        ordinal: this.ordinal,
        statefulSet: this.cut ? undefined : statefulSet.state,
        killedAt,
      });
      log(`${this.#name} terminates: ${decision.kind}`);
      if (decision.kind === "restart" || this.#world.variant === "leave-at-once") {
        if (decision.kind === "restart") this.#world.checks.restarts++;
        return this.#drain();
      }
      this.#deadline = decision.deadline;
      this.#report();
    });
  }

  /** Without a word: a crash, or the end of the grace period. */
  kill(): void {
    this.exited = true;
    for (const store of this.stores) store.gone = true;
  }

  /** What a coordinator gets that asks for these epochs. */
  answer(epochs: readonly number[]): Manifest {
    const { time, state } = { time: this.#world.timeline.now, state: this.layouts.state };
    const answerable = answerableEpochs(this.layouts).filter((epoch) => epochs.includes(epoch));
    const views = new Map(answerable.map((epoch) => [epoch, this.rowsOf(epoch)] as const));
    if (epochs.some((epoch) => epoch > (state?.active.epoch ?? 0))) this.#readLayout();
    const [from, to] = [this.#layoutOf(epochs[0]), this.#layoutOf(epochs[1])];
    const reflectors = new Map(
      this.stores.map((store) => [store.resource.name, this.#handover(store, from, to)] as const),
    );
    return { time, incarnation: this.incarnation, state, views, reflectors };
  }

  rowsOf(epoch: number): StoredRow[] {
    const layout = this.#layoutOf(epoch);
    const index = layout?.members.indexOf(this.ordinal) ?? -1;
    const rows: StoredRow[] = [];
    if (layout === undefined || index < 0) return rows;
    for (const store of this.stores)
      for (const row of store.rows.values())
        if (layout.slots[row.thing.slot] === index) rows.push(row);
    return rows;
  }

  /** What a direct scrape gets. */
  current(): { epoch: number; activateAt: number } | undefined {
    const view = defaultView(this.layouts, this.wall);
    return view && { epoch: view.layout.epoch, activateAt: view.activateAt ?? 0 };
  }

  get #name(): string {
    return `worker ${this.ordinal} (${this.incarnation})`;
  }

  #layoutOf(epoch: number | undefined): Layout | undefined {
    return this.layouts.views.find(({ layout }) => layout.epoch === epoch)?.layout;
  }

  /** A broken worker that computes the table anew instead of obeying the one that is written. */
  #seen(state: LayoutState): LayoutState {
    if (this.#world.variant !== "recomputed-layout" || Number(this.ordinal) % 2 === 0) return state;
    const recompute = <T extends Layout>(layout: T): T => {
      const { length } = layout.members;
      const slots = layout.slots.map((_, slot) => Math.floor((slot * length) / slotCount));
      return { ...layout, slots };
    };
    const pending = state.pending && recompute(state.pending);
    return { ...state, active: recompute(state.active), pending };
  }

  #build(layout: Layout): void {
    const owned = ownedSlots(layout, this.ordinal);
    for (const store of this.stores) {
      const slots: number[] = [];
      for (let slot = 0; slot < slotCount; slot++)
        if (owned[slot] === 1 && !store.isTaken(slot)) slots.push(slot);
      if (slots.length > 0) store.gain(slots);
    }
  }

  #free(): void {
    const needed = this.layouts.views.map(({ layout }) => ownedSlots(layout, this.ordinal));
    for (const store of this.stores) store.free((slot) => needed.some((mask) => mask[slot] === 1));
  }

  /** Readiness is withdrawn only before the commit: afterwards old rows are better than none. */
  #refresh(): void {
    let changed = false;
    for (const { layout, synced, activateAt } of this.layouts.views) {
      const index = layout.members.indexOf(this.ordinal);
      const ready =
        index < 0 ||
        this.stores.every((store) => {
          if (store.cursor < 0 && (activateAt === undefined || !synced)) return false;
          return layout.slots.every((owner, slot) => owner !== index || store.complete[slot] === 1);
        });
      if (synced || ready) this.lastReady.set(layout.epoch, this.#world.timeline.now);
      if (ready === synced) continue;
      this.layouts = setSynced(this.layouts, layout.epoch, ready);
      changed = true;
      if (ready) this.#world.log(`${this.#name} is ready for ${layout.epoch}`);
    }
    if (changed) this.#report();
  }

  #tick(): void {
    const retired = retire(this.layouts, this.wall);
    if (retired.retired.length > 0) {
      this.layouts = retired.layouts;
      this.#free();
    }
    for (const { layout, synced } of this.layouts.views)
      if (synced) this.lastReady.set(layout.epoch, this.#world.timeline.now);
    if (this.#world.timeline.now - this.reported > 9_000) this.#report();
    if (this.#deadline !== undefined && this.#mayLeave(this.#deadline)) return this.#drain();
    this.#planner.tick();
  }

  #mayLeave(deadline: number): boolean {
    const { layouts, wall, ordinal } = this;
    if (!mayLeave(layouts, { ordinal, deadline }, wall)) return false;
    if (wall < deadline) this.#world.checks.leaves(this, this.#world.registry.layout.state);
    return true;
  }

  #drain(): void {
    const { timeline, random } = this.#world;
    this.#world.log(`${this.#name} exits`);
    this.#writeLease(new Map(), false);
    timeline.after(random.between(0, 500), () => this.kill());
  }

  /** Writes its Lease soon, at most every 200 ms. */
  #report(): void {
    if (this.#reportDue || this.exited) return;
    this.#reportDue = true;
    const { timeline, random } = this.#world;
    timeline.after(random.between(200, 400), () => {
      this.#reportDue = false;
      if (!this.exited)
        this.#writeLease(reportedViews(this.layouts, this.wall), this.#deadline !== undefined);
    });
  }

  #writeLease(views: WorkerLease["views"], leaving: boolean): void {
    const { registry, timeline } = this.#world;
    if (!registry.reachable(this)) return;
    if (timeline.now - this.reported > leaseDuration) this.revived = timeline.now;
    this.reported = timeline.now;
    registry.writeLease(this.ordinal, {
      holder: this.pod.uid,
      views,
      floor: Math.max(
        this.layouts.state?.floor ?? 0,
        registry.leases.get(this.ordinal)?.floor ?? 0,
      ),
      leaving,
    });
  }

  #readLayout(): void {
    const { registry, timeline, random } = this.#world;
    timeline.after(random.between(5, 100), () => {
      if (!this.exited && registry.reachable(this)) this.onLayout(registry.layout);
    });
  }

  #handover(store: ShardStore, from: Layout | undefined, to: Layout | undefined): Handover {
    // What is shown stays so while the watch is closed, and a list can be above it.
    const reached = String(store.reachedUpTo);
    if (to === undefined) return { covered: reached, reached };
    let covered = Infinity;
    const gained = gainedSlots(from, to, this.ordinal);
    for (let slot = 0; slot < slotCount; slot++)
      if (gained[slot] === 1) covered = Math.min(covered, store.coveredAt(slot));
    const shown = new Map<string, number>();
    const lost = from === undefined ? gained.fill(0) : gainedSlots(to, from, this.ordinal);
    for (let slot = 0; slot < slotCount; slot++)
      if (lost[slot] === 1) {
        const gaining = to.members[to.slots[slot] ?? 0] ?? "";
        shown.set(gaining, Math.max(shown.get(gaining) ?? 0, store.shown[slot] ?? 0));
      }
    return {
      covered: covered === Infinity ? reached : String(covered),
      reached,
      shown: new Map([...shown].map(([ordinal, version]) => [ordinal, String(version)])),
    };
  }
}
