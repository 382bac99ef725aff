import type { Logger } from "@kube-state-mosaic/telemetry";
import type { Readiness } from "@kube-state-mosaic/server";
import type { LayoutState } from "@kube-state-mosaic/sharding";
import type { Manifest } from "@kube-state-mosaic/store";
import { setTimeout as delay } from "node:timers/promises";
import { ClockSkew } from "./clock-skew.ts";
import { Prover } from "./completeness.ts";
import type { Cycle, Fetched, ShardState } from "./cycle.ts";
import { Handover } from "./handover.ts";
import { KeptSplices } from "./kept-splices.ts";
import { listFaults } from "./shard-check.ts";
import { RowIndex } from "./row-index.ts";
import { RowSelection } from "./row-selection.ts";
import type { ResourceOf } from "./text-shard.ts";
import type { WorkerAccess } from "./worker-access.ts";
import type { ProverShard } from "./verdict.ts";
import { WorkerClients } from "./worker-clients.ts";
import type { KnownWorker, WorkerSource, Workforce } from "./worker-source.ts";

export type MissingShardPolicy = "fail" | "stale" | "omit";

export interface CoordinatorSettings {
  readonly source: WorkerSource;
  readonly onMissingShard: MissingShardPolicy;
  readonly access?: WorkerAccess;
  /** Names the resource of a family, for workers that answer as text. */
  readonly resourceOf?: ResourceOf;
  /** Upper bound of one fetch from one worker, in milliseconds; a scrape with a limit of its own allows 40 % of that. Default 8,000. */
  readonly fetchTimeoutMs?: number;
  readonly clock?: CoordinatorClock;
}

export interface CoordinatorClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Unix milliseconds. */
  wall(): number;
}

const systemTime: CoordinatorClock = { now: () => performance.now(), wall: () => Date.now() };
/** A round of fetches serves all scrapes that begin within this time. */
const shareMs = 1_000;
const staleMs = 300_000;
const lookMs = 5_000;
const fetchShare = 0.4;

/**
 * One exposition of all shards: the whole, or a refusal that says what is missing. It holds no truth of its own, so any number of
 * replicas answer the same bytes for the same versions of the same blocks.
 */
export class Coordinator {
  readonly clockSkew: ClockSkew;
  readonly #settings: CoordinatorSettings;
  readonly #logger: Logger;
  readonly #clock: CoordinatorClock;
  readonly #clients: WorkerClients;
  readonly #handover = new Handover();
  readonly #prover = new Prover();
  readonly #rows = new RowIndex();
  readonly #selection = new RowSelection(this.#rows);
  #newest:
    | { readonly startedAt: number; readonly cycle: Promise<Cycle>; done: boolean }
    | undefined;
  #next: Promise<Cycle> | undefined;
  #last: Cycle | undefined;
  #unprovenUntil = 0;

  constructor(settings: CoordinatorSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    this.clockSkew = new ClockSkew(logger);
    this.#clock = settings.clock ?? systemTime;
    const { access = {}, resourceOf = () => undefined } = settings;
    this.#clients = new WorkerClients({
      access,
      clock: this.#clock,
      onClock: (ordinal, reading) => this.clockSkew.take(ordinal, reading),
      resourceOf: (family) => this.#resourceOf(family) ?? resourceOf(family),
    });
  }

  /** The newest finished cycle. */
  get last(): Cycle | undefined {
    return this.#last;
  }

  get workforce(): Workforce {
    return this.#settings.source.current();
  }

  /** Bytes received from all workers so far. */
  get bytesReceived(): number {
    return this.#clients.bytesReceived;
  }

  /** Ready when the newest cycle made an answer. */
  readiness(): Readiness {
    const waiting = this.#last?.faults ?? ["no fetch has finished yet"];
    return { ready: waiting.length === 0, waiting };
  }

  /**
   * The answer for a request that arrives now. Shared: a cycle serves it that begins now or later, or began at most a second ago.
   * `scrapeTimeoutSeconds`: how long whoever asks will wait.
   */
  cycle(scrapeTimeoutSeconds?: number): Promise<Cycle> {
    const newest = this.#newest;
    if (newest !== undefined && this.#clock.now() - newest.startedAt <= shareMs)
      return newest.cycle;
    if (newest === undefined || newest.done) return this.#start(scrapeTimeoutSeconds);
    this.#next ??= newest.cycle.then(() => {
      this.#next = undefined;
      return this.#start(scrapeTimeoutSeconds);
    });
    return this.#next;
  }

  /** Looks at the shards every few seconds while nobody scrapes, so that readiness and proofs are never long out of date. */
  async watch(signal: AbortSignal): Promise<void> {
    this.#settings.source.watch(signal);
    while (!signal.aborted) {
      await this.cycle();
      await delay(this.#last?.faults.length === 0 ? lookMs : shareMs, undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  async close(): Promise<void> {
    await this.#clients.close();
  }

  #start(scrapeTimeoutSeconds: number | undefined): Promise<Cycle> {
    const { fetchTimeoutMs = 8_000 } = this.#settings;
    const own = (scrapeTimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000 * fetchShare;
    const startedAt = this.#clock.now();
    const cycle = this.#run(startedAt, Math.max(1, Math.round(Math.min(fetchTimeoutMs, own))));
    const newest = { startedAt, cycle, done: false };
    this.#newest = newest;
    void cycle.finally(() => (newest.done = true)).catch(() => undefined);
    return cycle;
  }

  async #run(startedAt: number, timeoutMs: number): Promise<Cycle> {
    const { layout, workers, problem } = this.#settings.source.current();
    const cycle =
      problem !== undefined
        ? {
            epoch: this.#handover.serving ?? 0,
            layout: undefined,
            shards: [],
            faults: [problem],
            waitingFor: [],
            proofs: [],
            rowsCut: this.#last?.rowsCut ?? 0,
            sources: () => [],
            splices: new KeptSplices([]),
          }
        : layout === undefined
          ? await this.#listed(workers, timeoutMs)
          : await this.#laidOut(layout, workers, timeoutMs);
    const finished = { ...cycle, startedAt, seconds: (this.#clock.now() - startedAt) / 1000 };
    this.#report(finished);
    this.#last = finished;
    return finished;
  }

  /** Workers from a list say themselves which shards they are. */
  async #listed(workers: readonly KnownWorker[], timeoutMs: number) {
    const fetched = await this.#clients.askListed(workers, timeoutMs);
    const wrong = listFaults(fetched, workers.length);
    const shards = fetched
      .map((one) => this.#stand(one, this.#clients.last(one.ordinal, undefined)))
      .map((shard) => ({ ...shard, index: shard.answer?.manifest.identity.shard ?? shard.index }))
      .toSorted((a, b) => a.index - b.index);
    const seen = shards.flatMap(({ answer }) => answer?.manifest.identity.epoch ?? []);
    if (new Set(seen).size > 1 && wrong.length === 0)
      wrong.push(`shards of different layouts: epochs ${[...new Set(seen)].join(", ")}`);
    const epoch = seen.length === 0 ? 0 : Math.max(...seen);
    return this.#judged({ epoch, layout: undefined, shards, faults: wrong, waitingFor: [] });
  }

  /** Workers of a layout are asked for a named epoch, so an answer is never of two. */
  async #laidOut(state: LayoutState, workers: readonly KnownWorker[], timeoutMs: number) {
    const asks = this.#handover.asks(state);
    const known = new Map(workers.map((worker) => [worker.ordinal, worker]));
    const rounds = new Map(
      await Promise.all(
        asks.map(async (epoch) => {
          const layout = this.#handover.layout(epoch);
          const fetched = layout ? await this.#clients.askMembers(layout, known, timeoutMs) : [];
          return [epoch, new Map(fetched.map((one) => [one.ordinal, one]))] as const;
        }),
      ),
    );
    const next = rounds.get(state.active.epoch) ?? new Map<string, Fetched>();
    const manifests = this.#manifests(next, state.active.epoch);
    const decision = this.#handover.decide(state, manifests, this.#clock.wall());
    const { epoch, waitingFor } = decision;
    if (decision.unproven) this.#unprovenUntil = this.#clock.now() + 2 * 60_000;
    const shards = [...(rounds.get(epoch)?.values() ?? [])].map((fetched): ShardState => {
      const { ordinal } = fetched;
      const shard = this.#stand(fetched, this.#clients.last(ordinal, epoch));
      if (shard.state !== "missing") return shard;
      const earlier = this.#handover.standIn(ordinal, epoch);
      if (earlier === undefined) return shard;
      const last = this.#clients.last(ordinal, earlier.epoch);
      return { ...this.#stand(fetched, last), slots: earlier.slots };
    });
    for (const [other, round] of rounds)
      if (other !== epoch) this.#prover.observe(other, [...round.values()].map(proverShard));
    const members = asks.flatMap((ask) => this.#handover.layout(ask)?.members ?? []);
    this.#clients.keep(asks, new Set(members));
    this.#prover.keep(asks);
    return this.#judged({
      epoch,
      layout: this.#handover.layout(epoch),
      shards,
      faults: [],
      waitingFor,
    });
  }

  /** As the other shards have it. */
  #resourceOf(family: string): string | undefined {
    for (const { answer, isText } of this.#last?.shards ?? []) {
      if (isText) continue;
      for (const { name, families } of answer?.manifest.resources ?? [])
        if (families.some((header) => header.name === family)) return name;
    }
    return undefined;
  }

  /** What stands for a shard, by the policy for those that are missing. */
  #stand(fetched: Fetched, last: Fetched["received"]): ShardState {
    const { ordinal, url, record, index, failure } = fetched;
    const stale =
      this.#settings.onMissingShard === "stale" && last !== undefined ? last : undefined;
    const standing = fetched.received ?? stale;
    const age = standing === undefined ? 0 : (this.#clock.now() - standing.at) / 1000;
    const base = { ordinal, url, record, index, failure };
    if (standing === undefined || age * 1000 > staleMs)
      return { ...base, state: "missing", answer: undefined, isText: false, age: 0 };
    const { answer, isText } = standing;
    return { ...base, state: fetched.received ? "live" : "stale", answer, isText, age };
  }

  /** The newest manifests, those of shards that did not answer this time among them. */
  #manifests(
    round: ReadonlyMap<string, Fetched>,
    epoch: number | undefined,
  ): Map<string, Manifest> {
    const manifests = new Map<string, Manifest>();
    for (const [ordinal, { received }] of round) {
      const newest = received ?? this.#clients.last(ordinal, epoch);
      if (newest !== undefined) manifests.set(ordinal, newest.answer.manifest);
    }
    return manifests;
  }

  #judged(
    cycle: Omit<Cycle, "startedAt" | "seconds" | "proofs" | "rowsCut" | "sources" | "splices">,
  ): Omit<Cycle, "startedAt" | "seconds"> {
    const { epoch, shards } = cycle;
    const faults = [...cycle.faults];
    if (this.#settings.onMissingShard !== "omit")
      for (const shard of shards)
        if (shard.state === "missing")
          faults.push(
            `shard ${shard.ordinal} (${shard.url || "no address"}): ${shard.failure ?? "is missing"}`,
          );
    if (shards.length > 0 && shards.every(({ state }) => state === "missing"))
      faults.push("no shard answers");
    const now = this.#clock.now();
    const provers = shards.map((shard): ProverShard => {
      return {
        ordinal: shard.ordinal,
        state: shard.state,
        manifest: shard.isText ? undefined : shard.answer?.manifest,
      };
    });
    this.#prover.observe(epoch, provers);
    const unprovenSwitch = now < this.#unprovenUntil;
    if (faults.length === 0)
      this.#handover.answered(
        epoch,
        new Map(
          shards.flatMap(({ ordinal, answer }) => (answer ? [[ordinal, answer.manifest]] : [])),
        ),
      );
    const answers = shards.flatMap(({ ordinal, answer, slots }) =>
      answer ? [{ ordinal, answer, slots }] : [],
    );
    const { duplicates, rowsCut } = this.#rows.update(answers, now);
    const proofs = this.#prover.judge(epoch, provers, {
      now,
      unprovenSwitch,
      configMixed: configsOf(shards).size > 1,
      duplicates,
    });
    const whole = answers.map(({ ordinal, answer }) => this.#selection.select(ordinal, answer));
    const sources: Cycle["sources"] = (part) =>
      part === undefined
        ? whole
        : answers.map(({ ordinal, answer }) => this.#selection.select(ordinal, answer, part));
    const before = this.#last?.splices;
    const splices = before?.isOf(whole) === true ? before : new KeptSplices(whole);
    return { ...cycle, faults: [...new Set(faults)], proofs, rowsCut, sources, splices };
  }

  #report({ faults, shards, epoch }: Cycle): void {
    const before = new Set(this.#last?.faults);
    for (const fault of faults)
      if (!before.has(fault))
        this.#logger.warn("scrapes are refused: shards do not add up", { fault });
    for (const { ordinal, state, failure } of shards) {
      const earlier = this.#last?.shards.find((shard) => shard.ordinal === ordinal);
      if (state !== "live" && state !== (earlier?.state ?? "live"))
        this.#logger.warn("a shard does not answer", {
          shard: ordinal,
          reason: failure,
          instead: state,
        });
    }
    if (faults.length === 0 && (this.#last === undefined || this.#last.faults.length > 0))
      this.#logger.info("all shards answer", { workers: shards.length, epoch });
    if (this.#last !== undefined && this.#last.epoch !== epoch)
      this.#logger.info("another layout is answered", { from: this.#last.epoch, to: epoch });
  }
}

/** Fingerprints of what workers of a registry run with. */
function configsOf(shards: readonly ShardState[]): Set<string> {
  return new Set(shards.flatMap(({ record }) => record?.config || []));
}

function proverShard({ ordinal, received }: Fetched): ProverShard {
  const manifest = received?.isText === false ? received.answer.manifest : undefined;
  return { ordinal, state: received === undefined ? "missing" : "live", manifest };
}
