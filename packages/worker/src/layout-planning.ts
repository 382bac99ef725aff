import { messageOf } from "@kube-state-mosaic/errors";
import type { Registry, StoredLayout } from "@kube-state-mosaic/registry";
import {
  noMemory,
  parseLayoutState,
  plan,
  serialiseLayoutState,
  type LayoutState,
  type MemberReport,
  type Plan,
  type PlanInput,
  type PlanMemory,
  type StatefulSetState,
} from "@kube-state-mosaic/sharding";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { ViewClock } from "./layout-views.ts";

export interface LayoutPlanningOptions {
  readonly registry: Registry;
  readonly clock: ViewClock;
  readonly logger: Logger;
  /** A consistent read of what is wanted; undefined if there is no StatefulSet. */
  readonly readSource: (signal: AbortSignal) => Promise<StatefulSetState | undefined>;
  /** Of the first layout; later ones keep it. */
  readonly hash: string;
}

/** What a planner knows at this moment. */
export interface PlanningFacts {
  readonly stored: StoredLayout | undefined;
  /** The newest layout this worker has adopted. */
  readonly known: LayoutState | undefined;
  readonly statefulSet: StatefulSetState | undefined;
  readonly rank: number;
  /** Since when the registry has answered without a break (monotonic milliseconds); undefined while it does not. */
  readonly connectedSince: number | undefined;
}

/**
 * One worker's part in planning: it turns what is wanted into layouts and commits them, by compare-and-swap, whenever its turn
 * has come. All decisions are those of `plan`.
 */
export class LayoutPlanning {
  readonly #options: LayoutPlanningOptions;
  #memory: PlanMemory = noMemory;
  #reason: Plan["reason"] = "stable";
  /** The failure logged last: it is tried twice a second, and said once. */
  #said = "";

  constructor(options: LayoutPlanningOptions) {
    this.#options = options;
  }

  /** What the last step did or waited for. */
  get reason(): Plan["reason"] {
    return this.#reason;
  }

  /** Looks once; answers the state that it wrote, if it did. Never rejects. */
  async step(facts: PlanningFacts, signal: AbortSignal): Promise<LayoutState | undefined> {
    const { registry, logger, readSource } = this.#options;
    try {
      let { stored, statefulSet } = facts;
      let decided = this.#plan({ ...facts, stored, statefulSet }, false);
      if (decided.confirm) {
        // In this order: what is wanted has to be newer than the layout it is compared with.
        stored = await registry.readLayout(signal);
        statefulSet = await readSource(signal);
        decided = this.#plan({ ...facts, stored, statefulSet }, true);
      }
      if (decided.write === undefined || signal.aborted) return undefined;
      const text = serialiseLayoutState(decided.write);
      if ((await registry.writeLayout(text, stored?.version)) === "conflict") return undefined;
      this.#said = "";
      const { active, pending } = decided.write;
      logger.info("layout written", {
        step: decided.reason,
        active: active.epoch,
        members: active.members.join(" "),
        pending: pending?.epoch,
        pendingMembers: pending?.members.join(" "),
      });
      return decided.write;
    } catch (error) {
      const reason = messageOf(error);
      if (!signal.aborted && reason !== this.#said)
        logger.warn("a change of the layout could not be made; it is tried again", {
          reason,
        });
      this.#said = reason;
      return undefined;
    }
  }

  #plan(facts: PlanningFacts, confirmed: boolean): Plan {
    const { clock, hash } = this.#options;
    const stored = facts.stored && parseLayoutState(facts.stored.text);
    const input: PlanInput = {
      stored,
      known: facts.known,
      members: this.#reports(stored, facts),
      statefulSet: facts.statefulSet,
      confirmed,
      connectedSince: facts.connectedSince,
      rank: facts.rank,
      hash,
      now: clock.now(),
      wall: clock.wall(),
    };
    const decided = plan(this.#memory, input);
    this.#memory = decided.memory;
    this.#reason = decided.reason;
    return decided;
  }

  /** Everybody the registry shows, and members of the layouts that it does not: dead or unknown. */
  #reports(stored: LayoutState | undefined, { known }: PlanningFacts): MemberReport[] {
    const { registry } = this.#options;
    const reports = registry.members().map(({ ordinal, freshness, record }): MemberReport => ({
      ordinal,
      liveness: freshness,
      views: new Map(Object.entries(record.views).map(([epoch, view]) => [Number(epoch), view])),
      floor: record.floor,
      leaving: record.leaving,
    }));
    const seen = new Set(reports.map(({ ordinal }) => ordinal));
    for (const layout of [stored?.active, stored?.pending, known?.active])
      for (const ordinal of layout?.members ?? [])
        if (!seen.has(ordinal)) {
          seen.add(ordinal);
          const liveness = registry.freshness(ordinal);
          reports.push({ ordinal, liveness, views: new Map(), floor: 0, leaving: false });
        }
    return reports;
  }
}
