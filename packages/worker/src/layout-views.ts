import { setImmediate } from "node:timers/promises";
import {
  adopt,
  answerableEpochs,
  defaultView,
  indexOf,
  isPodReady,
  noLayouts,
  ownedSlots,
  reflectorsMissing,
  reportedViews,
  retire,
  setSynced,
  type Adoption,
  type Layout,
  type LayoutState,
  type ReportedView,
  type View,
  type WorkerLayouts,
} from "@kube-state-mosaic/sharding";
import type { ExposedResource } from "./exposed-resource.ts";
import type { Share } from "./share.ts";
import type { AnswerableView, Views, ViewsReadiness } from "./views.ts";

/** Time, passed in: tests run it as they like. */
export interface ViewClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Unix milliseconds. */
  wall(): number;
}

export interface LayoutViewsOptions {
  readonly ordinal: string;
  readonly share: Share;
  readonly clock: ViewClock;
  /** What the worker exposes at the moment. */
  readonly exposed: () => readonly ExposedResource[];
  /** Whether streams run already: then what is gained has to be listed beside them, else their first list brings it. */
  readonly running: () => boolean;
  /** Told of layouts that are not supported, so that the worker never becomes ready for them. */
  readonly onUnsupported: (layout: Layout) => void;
  /** A request named an epoch that is not known here. */
  readonly onUnknownEpoch: () => void;
}

/**
 * The views of a worker that obeys layouts: what a pending layout gives it is built beside what is served, both stay answerable
 * until the grace is over, then what is lost is freed. Changed by `adopt` and `tick` only.
 */
export class LayoutViews implements Views {
  readonly #options: LayoutViewsOptions;
  #layouts: WorkerLayouts = noLayouts;
  /** By epoch: ends the building of a view, and whether its classes are in place. */
  readonly #building = new Map<number, { readonly stop: AbortController; placed: boolean }>();
  /** Freeing and regrouping, one after the other: a slot must be free before it is gained again. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: LayoutViewsOptions) {
    this.#options = options;
  }

  get layouts(): WorkerLayouts {
    return this.#layouts;
  }

  get epochs(): readonly number[] {
    return answerableEpochs(this.#layouts);
  }

  get waiting(): readonly string[] {
    const view = this.#default();
    if (view === undefined) return ["a layout of the shards"];
    // What comes beside what is served holds up the views that are being built, not the one in force.
    return this.#missing(view, ({ isComing }) => !isComing);
  }

  /**
   * By the newest layout that names this worker, pending or in force (handover W6): with ordered pod management the next pod is
   * created only when this one is ready, so to wait for the commit would be to wait for ever.
   */
  get readiness(): ViewsReadiness {
    const { ordinal } = this.#options;
    if (this.#layouts.state === undefined) return { isMember: true, waiting: this.waiting };
    const newest = this.#layouts.views.findLast(({ layout }) => layout.members.includes(ordinal));
    if (newest === undefined) return { isMember: false, waiting: [] };
    if (!newest.synced) this.tick();
    if (isPodReady(this.#layouts, ordinal)) return { isMember: true, waiting: [] };
    return { isMember: true, waiting: this.#missing(newest) };
  }

  current(): AnswerableView | undefined {
    // What has become complete since the last look is served at once: readiness may have said so already.
    if (this.#default()?.synced === false) this.tick();
    const view = this.#default();
    return view?.synced ? this.#answerable(view) : undefined;
  }

  at(epoch: number): AnswerableView | undefined {
    const view = this.#layouts.views.find(({ layout }) => layout.epoch === epoch);
    if (view === undefined) this.#options.onUnknownEpoch();
    return view?.synced ? this.#answerable(view) : undefined;
  }

  /** The views as the registry shows them. */
  reported(): Map<number, ReportedView> {
    return reportedViews(this.#layouts, this.#options.clock.wall());
  }

  /** What a view still waits for; empty when it is complete or unknown. */
  missing(epoch: number): readonly string[] {
    const view = this.#layouts.views.find(({ layout }) => layout.epoch === epoch);
    return view === undefined ? [] : this.#missing(view);
  }

  /** Takes over what the registry holds. */
  adopt(state: LayoutState): Adoption["verdict"] {
    const adoption = adopt(this.#layouts, state);
    this.#layouts = adoption.layouts;
    for (const layout of adoption.build) this.#build(layout);
    for (const epoch of adoption.drop) this.#end(epoch);
    this.tick();
    return adoption.verdict;
  }

  /** Looks at what has become complete, or is not any more, and ends views whose time is over. Call it at least once a second. */
  tick(): void {
    for (const view of this.#layouts.views) {
      const { epoch } = view.layout;
      // Once in force, a view is answered whatever happens to its streams: what it has is the best there is.
      const settled = view.synced && view.activateAt !== undefined;
      const synced = settled || this.#missing(view).length === 0;
      if (synced !== view.synced) this.#layouts = setSynced(this.#layouts, epoch, synced);
    }
    const { layouts, retired } = retire(this.#layouts, this.#options.clock.wall());
    this.#layouts = layouts;
    for (const epoch of retired) this.#end(epoch);
  }

  /** Resolves when nothing is left to be freed or regrouped. */
  settled(): Promise<void> {
    return this.#work;
  }

  #default(): View | undefined {
    return defaultView(this.#layouts, this.#options.clock.wall());
  }

  #answerable({ layout }: View): AnswerableView {
    const { ordinal, share } = this.#options;
    const shard = indexOf(layout, ordinal);
    const identity = {
      shard,
      totalShards: layout.members.length,
      hash: layout.hash,
      epoch: layout.epoch,
    };
    if (shard < 0) return { identity, digest: layout.digest, empty: true };
    return {
      identity,
      digest: layout.digest,
      shows: share.shows(layout.epoch),
      slots: ownedSlots(layout, ordinal),
      ...this.#gainers(layout),
    };
  }

  /** Where slots of this layout go with the newest one that is committed. */
  #gainers(layout: Layout): Pick<AnswerableView, "gainers"> {
    const next = this.#layouts.views.findLast(({ activateAt }) => activateAt !== undefined)?.layout;
    if (next === undefined || next.epoch <= layout.epoch) return {};
    const { ordinal } = this.#options;
    const gainers = new Map<number, string>();
    for (const [slot, index] of next.slots.entries()) {
      const gainer = next.members[index];
      const isOwn = layout.members[layout.slots[slot] ?? -1] === ordinal;
      if (isOwn && gainer !== undefined && gainer !== ordinal) gainers.set(slot, gainer);
    }
    return { gainers };
  }

  #missing(
    { layout }: View,
    counts: (resource: ExposedResource) => boolean = () => true,
  ): string[] {
    const { ordinal, share, exposed, clock } = this.#options;
    if (indexOf(layout, ordinal) < 0) return [];
    const building = this.#building.get(layout.epoch);
    if (building === undefined || !share.supports(layout)) return [`hash ${layout.hash}`];
    if (!building.placed) return ["the order of the rows"];
    const slots = ownedSlots(layout, ordinal);
    const progress = exposed()
      .filter(counts)
      .flatMap(({ streams }) => streams.map((stream) => stream.progress(slots)));
    return [...reflectorsMissing(progress, clock.now())];
  }

  #build(layout: Layout): void {
    const { share, exposed, ordinal, onUnsupported, running } = this.#options;
    const building = { stop: new AbortController(), placed: false };
    if (!share.supports(layout)) {
      if (indexOf(layout, ordinal) >= 0) onUnsupported(layout);
      return;
    }
    this.#building.set(layout.epoch, building);
    this.#queue(async () => {
      if (building.stop.signal.aborted) return;
      const { gained, split } = share.add(layout);
      if (split.size > 0)
        for (const { store } of this.#streams())
          while (store.regroup(split, (slot) => share.classOf(slot))) await setImmediate();
      if (gained.includes(1) && running())
        for (const resource of exposed()) resource.gain(gained, building.stop.signal);
      building.placed = true;
    });
  }

  #end(epoch: number): void {
    this.#building.get(epoch)?.stop.abort();
    this.#building.delete(epoch);
    this.#queue(async () => {
      const free = this.#options.share.remove(epoch);
      if (free.size === 0) return;
      for (const { store } of this.#streams())
        while (store.depart((departure) => free.has(departure))) await setImmediate();
    });
  }

  #queue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  #streams() {
    return this.#options.exposed().flatMap(({ streams }) => streams);
  }
}
