import {
  gzipStream,
  identityStream,
  mergeAnswers,
  type BlockAnswer,
} from "@kube-state-mosaic/store";
import {
  selects,
  type MetricsAnswer,
  type MetricsRequest,
  type Readiness,
} from "@kube-state-mosaic/server";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { setTimeout as delay } from "node:timers/promises";
import { shardFaults } from "./shard-check.ts";
import { WorkerClient, type FetchResult } from "./worker-client.ts";

export interface CoordinatorSettings {
  /** Base URLs of all workers' metrics ports. */
  readonly workers: readonly string[];
  /** Bound of one fetch from one worker, in milliseconds. */
  readonly fetchTimeoutMs: number;
}

/** How a cycle looked for one worker, for `/readyz` and the landing page. */
export interface WorkerState {
  readonly worker: string;
  readonly failure: string | undefined;
  readonly shard: number | undefined;
}

const lookMs = 5_000;

/**
 * One exposition of all shards. An answer is the whole or a refusal that says what is missing:
 * a shard that does not answer, a wrong total and a doubled ordinal are a 503 each.
 */
export class Coordinator {
  readonly #clients: readonly WorkerClient[];
  readonly #logger: Logger;
  #faults: readonly string[] = ["no fetch has finished yet"];
  #workers: readonly WorkerState[];

  constructor(settings: CoordinatorSettings, logger: Logger) {
    this.#logger = logger;
    this.#clients = settings.workers.map((url) => new WorkerClient(url, settings.fetchTimeoutMs));
    this.#workers = this.#clients.map(({ worker }) => ({
      worker,
      failure: undefined,
      shard: undefined,
    }));
  }

  get workers(): readonly WorkerState[] {
    return this.#workers;
  }

  /** Answers a scrape from one fetch of every shard. */
  async scrape(request: MetricsRequest): Promise<MetricsAnswer> {
    const answers = await this.collect();
    if (answers === undefined)
      return { status: 503, headers: {}, body: this.#faults.map((fault) => `${fault}\n`).join("") };
    const pieces = mergeAnswers(answers, request.format, (resource) => selects(request, resource));
    return {
      status: 200,
      headers: layoutHeaders(answers),
      body: { gzip: () => gzipStream(pieces), identity: () => identityStream(pieces) },
    };
  }

  /** Ready when the newest cycle had every shard. */
  readiness(): Readiness {
    return { ready: this.#faults.length === 0, waiting: this.#faults };
  }

  /** All shards' answers by shard number, or undefined with `faults` saying why they are not the whole. */
  async collect(): Promise<BlockAnswer[] | undefined> {
    const results = await Promise.all(this.#clients.map((client) => client.fetch()));
    this.#workers = results.map(stateOf);
    this.#report(
      shardFaults(
        results.map((result) =>
          "answer" in result
            ? { worker: result.worker, identity: result.answer.manifest.identity }
            : result,
        ),
      ),
    );
    if (this.#faults.length > 0) return undefined;
    return results
      .flatMap((result) => ("answer" in result ? [result.answer] : []))
      .toSorted((a, b) => a.manifest.identity.shard - b.manifest.identity.shard);
  }

  /** Looks at the shards every few seconds while nobody scrapes, so that readiness is never long out of date. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.collect();
      await delay(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #report(faults: readonly string[]): void {
    const before = new Set(this.#faults);
    for (const fault of faults)
      if (!before.has(fault)) this.#logger.warn("scrape refused: shards do not add up", { fault });
    if (faults.length === 0 && this.#faults.length > 0)
      this.#logger.info("all shards answer", { workers: this.#clients.length });
    this.#faults = faults;
  }
}

function stateOf(result: FetchResult): WorkerState {
  return "answer" in result
    ? { worker: result.worker, failure: undefined, shard: result.answer.manifest.identity.shard }
    : { worker: result.worker, failure: result.failure, shard: undefined };
}

function layoutHeaders(answers: readonly BlockAnswer[]): Record<string, string> {
  const identity = answers[0]?.manifest.identity;
  if (identity === undefined) return {};
  return {
    "X-Mosaic-Total-Shards": String(identity.totalShards),
    "X-Mosaic-Hash": identity.hash,
    "X-Mosaic-Epoch": String(identity.epoch),
  };
}
