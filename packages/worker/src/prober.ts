import { messageOf } from "@kube-state-mosaic/errors";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { fnv1aOf } from "./text-hash.ts";
import type { ResourceStream } from "./resource-stream.ts";
import type { AnswerableView } from "./views.ts";

/** Milliseconds. */
export interface ProbeTimes {
  /** From a complete list to the probe after it. */
  readonly afterListMs: number;
  readonly everyMs: number;
  /** Where a shard selector was sent: a stream that shows its own share only is proven by nothing else. */
  readonly filteredMs: number;
  /** Between two lists of all metadata, where the API server does not tell a collection's size: with label and field selectors. */
  readonly countMs: number;
  /** Between two lists of all metadata that are made to compare the objects, not only their number; 0: none. */
  readonly censusMs: number;
}

/** A list of one object costs the API server some milliseconds. */
export const defaultProbeTimes: ProbeTimes = {
  afterListMs: 5_000,
  everyMs: 300_000,
  filteredMs: 60_000,
  countMs: 600_000,
  censusMs: 0,
};

/** What is planned for one stream, in monotonic milliseconds. */
interface Plan {
  relists: number;
  probeAt: number;
  /** Not before then are objects listed for their number alone. */
  countAt: number;
  censusAt: number;
  running: boolean;
}

/**
 * Asks the API server for the size of collections, each by the one shard that is on duty for it. It finds what all shards have in common, such as
 * a list that lost its continue token, and moves idle watch caches, so that bookmarks go on.
 */
export class Prober {
  readonly #times: ProbeTimes;
  readonly #logger: Logger;
  readonly #plans = new WeakMap<ResourceStream, Plan>();

  constructor(times: ProbeTimes, logger: Logger) {
    this.#times = times;
    this.#logger = logger;
  }

  /**
   * Probes what is due; `now`: monotonic milliseconds. Resolves when that is done, whatever came of it; to be called again before.
   */
  async tick(
    streams: readonly ResourceStream[],
    view: AnswerableView | undefined,
    { now, signal }: { now: number; signal: AbortSignal },
  ): Promise<void> {
    if (view === undefined || view.empty === true) return;
    const { shard, totalShards } = view.identity;
    const begun: Promise<void>[] = [];
    for (const stream of streams) {
      if (!stream.state.synced || fnv1aOf(stream.label) % totalShards !== shard) continue;
      const plan = this.#planOf(stream, now);
      if (plan.running || now < Math.min(plan.probeAt, plan.censusAt)) continue;
      begun.push(this.#run(stream, plan, { now, signal }));
    }
    await Promise.all(begun);
  }

  #planOf(stream: ResourceStream, now: number): Plan {
    const { afterListMs, censusMs } = this.#times;
    const { relists } = stream.state;
    const probeAt = now + afterListMs;
    let plan = this.#plans.get(stream);
    if (plan === undefined) {
      // Spread: all resources at once would be one long burst of lists.
      const offset = (censusMs * (fnv1aOf(stream.label) % 1_000)) / 1_000;
      const censusAt = censusMs > 0 ? probeAt + offset : Number.POSITIVE_INFINITY;
      plan = { relists, probeAt, countAt: now, censusAt, running: false };
      this.#plans.set(stream, plan);
    } else if (plan.relists !== relists) Object.assign(plan, { relists, probeAt, countAt: now });
    return plan;
  }

  async #run(
    stream: ResourceStream,
    plan: Plan,
    { now, signal }: { now: number; signal: AbortSignal },
  ): Promise<void> {
    const { everyMs, filteredMs, countMs, censusMs } = this.#times;
    const isCensus = now >= plan.censusAt;
    // What a list has found must be judged before a mere count takes its place.
    plan.probeAt = now + (stream.isFiltered ? filteredMs : everyMs);
    if (isCensus) plan.censusAt = now + censusMs;
    plan.running = true;
    try {
      const isCounted = !isCensus && (await stream.probe(signal));
      if (isCounted || (!isCensus && now < plan.countAt)) return;
      await stream.census(signal);
      plan.countAt = now + countMs;
    } catch (error) {
      if (!signal.aborted)
        this.#logger.warn(
          "the size of a collection could not be asked for; it is asked again later",
          {
            resource: stream.label,
            reason: messageOf(error),
          },
        );
    } finally {
      plan.running = false;
    }
  }
}
