import { messageOf } from "@kube-state-mosaic/errors";
import { fnv1aOf } from "./text-hash.ts";
import type { ResourceStream } from "./resource-stream.ts";
import type { AnswerableView } from "./views.ts";

export interface ProbeTimes {
  /** Milliseconds from a complete list to the probe after it. */
  readonly afterListMs: number;
  readonly everyMs: number;
}

/** A list of one object costs the API server some milliseconds. */
export const defaultProbeTimes: ProbeTimes = { afterListMs: 5_000, everyMs: 300_000 };

/**
 * Asks the API server for the size of collections, each by the one shard that is on duty for it. It finds what all shards have in common, such as
 * a list that lost its continue token, and moves idle watch caches, so that bookmarks go on.
 */
export class Prober {
  readonly #times: ProbeTimes;
  readonly #log: (message: string, fields: Record<string, string>) => void;
  readonly #plans = new WeakMap<
    ResourceStream,
    { at: number; relists: number; running: boolean }
  >();

  constructor(times: ProbeTimes, log: (message: string, fields: Record<string, string>) => void) {
    this.#times = times;
    this.#log = log;
  }

  /** Probes what is due; `now`: monotonic milliseconds. */
  tick(
    streams: readonly ResourceStream[],
    view: AnswerableView | undefined,
    { now, signal }: { now: number; signal: AbortSignal },
  ): void {
    if (view === undefined || view.empty === true) return;
    const { shard, totalShards } = view.identity;
    for (const stream of streams) {
      if (!stream.state.synced || fnv1aOf(stream.label) % totalShards !== shard) continue;
      const { relists } = stream.state;
      let plan = this.#plans.get(stream);
      if (plan === undefined || plan.relists !== relists) {
        plan = { at: now + this.#times.afterListMs, relists, running: plan?.running ?? false };
        this.#plans.set(stream, plan);
      }
      if (plan.running || now < plan.at) continue;
      plan.at = now + this.#times.everyMs;
      void this.#probe(stream, plan, signal);
    }
  }

  async #probe(
    stream: ResourceStream,
    plan: { running: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    plan.running = true;
    try {
      await stream.probe(signal);
    } catch (error) {
      if (!signal.aborted)
        this.#log("the size of a collection could not be asked for; it is asked again later", {
          resource: stream.label,
          reason: messageOf(error),
        });
    } finally {
      plan.running = false;
    }
  }
}
