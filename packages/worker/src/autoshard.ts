import { setTimeout as delay } from "node:timers/promises";
import type { Departure, MemberRecord, Registry, StoredLayout } from "@kube-state-mosaic/registry";
import {
  defaultView,
  indexOf,
  mayLeave,
  parseLayoutState,
  planAlone,
  plannerRank,
  terminationOf,
  type LayoutState,
  type StatefulSetState,
} from "@kube-state-mosaic/sharding";
import type { Logger, ShardingMetrics } from "@kube-state-mosaic/telemetry";
import { messageOf } from "@kube-state-mosaic/errors";
import { LayoutPlanning } from "./layout-planning.ts";
import type { LayoutViews, ViewClock } from "./layout-views.ts";
import { MemberWatch } from "./member-watch.ts";

/** The StatefulSet that this worker's pod belongs to. */
export interface ShardSource {
  /** A consistent read; undefined if there is none. */
  read(signal?: AbortSignal): Promise<StatefulSetState | undefined>;
  watch(onChange: (state: StatefulSetState | undefined) => void, signal: AbortSignal): void;
  /** What there is to know at a signal to stop. */
  departure(): Promise<Departure>;
}

export interface AutoshardOptions {
  readonly ordinal: string;
  readonly registry: Registry;
  readonly source: ShardSource;
  readonly views: LayoutViews;
  readonly clock: ViewClock;
  readonly hash: string;
  /** What the registry shows of this process, apart from its views. */
  readonly describe: Pick<
    MemberRecord,
    "address" | "incarnation" | "image" | "config" | "supports"
  >;
  readonly logger: Logger;
  readonly metrics: ShardingMetrics;
  /** Told when the shard in force is another one. */
  readonly onShard: (shard: number, total: number) => void;
}

const tickMs = 500;
/** A leaver that nobody tells its deadline. */
const defaultLeaveMs = 20_000;
const refreshMs = 1_000;

/** Keeps a worker's views in step with the registry, and the registry with what is wanted: the life of one autosharded worker. */
export class Autoshard {
  readonly #options: AutoshardOptions;
  readonly #planning: LayoutPlanning;
  readonly #members: MemberWatch;
  readonly #adopted = Promise.withResolvers<void>();
  #stored: StoredLayout | undefined;
  /** What it says; undefined if it cannot be read. */
  #storedState: LayoutState | undefined;
  #storedKnown = false;
  #statefulSet: StatefulSetState | undefined;
  #leaving: { readonly deadline: number } | undefined;
  #published = "";
  #shown = "";
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AutoshardOptions) {
    const { registry, clock, logger, hash, source } = options;
    this.#options = options;
    this.#planning = new LayoutPlanning({
      registry,
      clock,
      logger,
      hash,
      readSource: (signal) => source.read(signal),
    });
    this.#members = new MemberWatch(registry, logger);
  }

  /** Resolves when the first layout is known and its share set up: reflectors may start. */
  get adopted(): Promise<void> {
    return this.#adopted.promise;
  }

  /** Follows the registry until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { registry, source, views } = this.#options;
    registry.register(this.#record());
    this.#published = JSON.stringify(this.#record());
    registry.watchLayout((layout) => this.#layoutRead(layout), signal);
    source.watch((state) => {
      this.#statefulSet = state;
    }, signal);
    while (!signal.aborted) {
      await this.#step(signal);
      await delay(tickMs, undefined, { signal }).catch(() => undefined);
    }
    await registry.release({ gone: this.#leaving !== undefined });
    await views.settled();
  }

  /** A request named an epoch that is not known here: the registry is asked at once, at most once a second. */
  refresh(): void {
    const now = this.#options.clock.now();
    if (now - this.#refreshedAt < refreshMs) return;
    this.#refreshedAt = now;
    this.#options.registry.readLayout().then(
      (layout) => this.#layoutRead(layout),
      () => undefined,
    );
  }

  /**
   * To be called at SIGTERM, while everything still runs. Resolves when the worker may stop: at once for a restart; a leaver
   * first serves until the layout without it is in force, or its deadline.
   */
  async leave(): Promise<void> {
    const { source, clock, logger, views, ordinal } = this.#options;
    const departure = await source.departure();
    const decision = terminationOf({ layouts: views.layouts, ordinal, ...departure });
    if (decision.kind === "restart") return;
    const until = decision.deadline ?? clock.wall() + defaultLeaveMs;
    this.#leaving = { deadline: until };
    const seconds = Math.round((until - clock.wall()) / 1000);
    logger.info("leaving: serving until the layout without this shard is in force", {
      atMostSeconds: seconds,
    });
    while (!mayLeave(views.layouts, { ordinal, deadline: until }, clock.wall()))
      await delay(tickMs);
  }

  /** The layouts as JSON for people. */
  describe(): object {
    const { views, clock, ordinal, registry } = this.#options;
    const { state } = views.layouts;
    const layout = (of: LayoutState["active"] | LayoutState["pending"]) =>
      of && { ...of, slots: undefined, shares: shares(of.slots, of.members) };
    return {
      ordinal,
      registry: { mode: registry.mode, up: registry.up },
      plan: this.#reason,
      leaving: this.#leaving !== undefined,
      views: Object.fromEntries(
        views.layouts.views.map(({ layout: { epoch }, synced, activateAt }) => [
          epoch,
          { synced, activateAt, waiting: views.missing(epoch) },
        ]),
      ),
      inForce: defaultView(views.layouts, clock.wall())?.layout.epoch,
      active: layout(state?.active),
      pending: layout(state?.pending),
      members: this.#members.following ? registry.members() : [],
    };
  }

  /** Sets the self metrics that are known by looking. */
  measure(): void {
    const { metrics, registry, views, clock } = this.#options;
    const { state } = views.layouts;
    const current = defaultView(views.layouts, clock.wall());
    metrics.layoutEpoch.set(current?.layout.epoch ?? 0);
    metrics.layoutMembers.set(current?.layout.members.length ?? 0);
    metrics.viewsAnswerable.set(views.epochs.length);
    const pending = state?.pending;
    metrics.pendingSeconds.set(
      pending === undefined ? 0 : Math.max(0, clock.wall() - pending.createdAt) / 1000,
    );
    metrics.pendingReason.clear();
    metrics.pendingReason.set(1, { reason: this.#reason });
    metrics.memberReady.clear();
    const newest = pending ?? state?.active;
    // Who does not follow the members does not know.
    const members = this.#members.following ? registry.members() : [];
    for (const { ordinal, freshness, record } of members) {
      const view = record.views[newest?.epoch ?? 0];
      const ready = freshness === "fresh" && (view === "ready" || view === "serving");
      metrics.memberReady.set(Number(ready), { member: ordinal });
    }
    metrics.registryUp.set(Number(registry.up));
    metrics.registryMode.clear();
    metrics.registryMode.set(Number(registry.mode !== "uncoordinated"), { mode: registry.mode });
  }

  #layoutRead(layout: StoredLayout | undefined): void {
    this.#stored = layout;
    this.#storedKnown = true;
    this.#storedState = undefined;
    if (layout === undefined) return;
    try {
      this.#storedState = parseLayoutState(layout.text);
      if (layout.regressedFrom === undefined) this.#adopt(this.#storedState);
    } catch (error) {
      this.#options.logger.error("the layout in the registry cannot be read; the last one stays", {
        reason: messageOf(error),
      });
    }
  }

  #adopt(state: LayoutState): void {
    const { views, logger, clock, metrics, ordinal } = this.#options;
    const before = views.layouts.state;
    const verdict = views.adopt(state);
    if (verdict === "conflict")
      logger.error(
        "the registry holds another layout under an epoch that is known; it is not used",
        {
          epoch: state.active.epoch,
        },
      );
    if (verdict !== "adopted") return;
    const { active, pending } = state;
    logger.info("layout adopted", {
      epoch: active.epoch,
      shard: indexOf(active, ordinal),
      members: active.members.length,
      inForceInSeconds: Math.max(0, active.activateAt - clock.wall()) / 1000,
      pending: pending?.epoch,
    });
    if (before !== undefined && before.active.epoch !== active.epoch)
      metrics.lateSwitch.add(Math.max(0, clock.wall() - active.activateAt) / 1000);
    void views.settled().then(this.#adopted.resolve);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { registry, views } = this.#options;
    views.tick();
    if (registry.mode === "uncoordinated") this.#followAlone();
    else if (this.#storedKnown) await this.#planTogether(signal);
    this.#publish();
    this.#showShard();
  }

  async #planTogether(signal: AbortSignal): Promise<void> {
    const { registry, views, ordinal, clock } = this.#options;
    const known = views.layouts.state;
    const statefulSet = this.#statefulSet;
    const rankOf = (member: string): number => plannerRank(known, member, statefulSet?.start ?? 0);
    const rank = rankOf(ordinal);
    const stored = this.#storedState;
    const facts = { rank, stored, known, statefulSet, now: clock.now() };
    if (!this.#members.follow(facts, rankOf, signal)) return;
    const { connectedSince } = registry;
    const written = await this.#planning.step(
      { ...facts, stored: this.#stored, connectedSince },
      signal,
    );
    if (written !== undefined) this.#adopt(written);
  }

  #followAlone(): void {
    const { views, clock, hash, ordinal } = this.#options;
    const { state } = views.layouts;
    const { epochs } = views;
    const input = { statefulSet: this.#statefulSet, state, epochs, ordinal, hash };
    const next = planAlone({ ...input, wall: clock.wall() });
    if (next !== undefined) this.#adopt(next);
  }

  /** What this worker's planner did last, or waits for. */
  get #reason(): string {
    return this.#members.following ? this.#planning.reason : "standby";
  }

  #record(): MemberRecord {
    const { describe, views } = this.#options;
    const newest = views.layouts.views.at(-1);
    const waiting = newest === undefined ? [] : views.missing(newest.layout.epoch);
    return {
      ...describe,
      views: Object.fromEntries(views.reported()),
      floor: views.layouts.state?.floor ?? 0,
      leaving: this.#leaving !== undefined,
      deadline: this.#leaving?.deadline,
      reason: waiting.length === 0 ? "" : `waiting for ${waiting.join(", ")}`,
    };
  }

  #publish(): void {
    const record = this.#record();
    const text = JSON.stringify(record);
    if (text === this.#published) return;
    this.#published = text;
    this.#options.registry.update(record);
  }

  #showShard(): void {
    const { views, clock, ordinal, onShard } = this.#options;
    const layout = defaultView(views.layouts, clock.wall())?.layout;
    if (layout === undefined) return;
    const shard = indexOf(layout, ordinal);
    const shown = `${shard} of ${layout.members.length}`;
    if (shown === this.#shown || shard < 0) return;
    this.#shown = shown;
    onShard(shard, layout.members.length);
  }
}

/** Slots by member. */
function shares(slots: Uint8Array, members: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const index of slots) {
    const member = members[index] ?? "";
    counts[member] = (counts[member] ?? 0) + 1;
  }
  return counts;
}
