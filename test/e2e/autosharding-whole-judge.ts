import { loadSeries, steadySeries } from "./autosharding-judge.ts";
import type { Life } from "./autosharding-load.ts";

/** What a coordinator answered. Times in monotonic milliseconds. */
export interface WholeAnswer {
  readonly address: string;
  readonly status: number;
  readonly text: string;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** What was counted of coordinators in one stretch of time. */
export interface WholeTally {
  /** Scrapes that were answered. */
  scrapes: number;
  notOk: number;
  /** Connections that were refused or broke; another replica was asked then. */
  refusedConnections: number;
  /** Scrapes that no replica answered. */
  unanswered: number;
  missing: number;
  doubled: number;
  /** Answers that said of a resource that it is complete while an object that stays was missing, or one was doubled. */
  untrue: number;
  /** Short-lived objects that were not shown 3 s after they were created, in answers that said that all is complete. */
  late: number;
  /** The same in answers that said that it is not. */
  lateWhileIncomplete: number;
  /** Milliseconds. */
  slowest: number;
  /** When replicas said that something is not complete, in milliseconds from the beginning of the stretch. */
  readonly incomplete: IncompleteSpan[];
  readonly examples: string[];
}

export interface IncompleteSpan {
  readonly address: string;
  readonly reasons: readonly string[];
  /** Those that are not complete for another reason than that a shard is away. */
  readonly resources: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** What one answer said of itself. */
export interface Statement {
  readonly address: string;
  readonly begunAt: number;
  readonly endedAt: number;
  /** Reasons of the resources that are not complete; empty if all are. */
  readonly reasons: readonly string[];
}

const dueMs = 3_000;

interface Reading {
  readonly text: string;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  readonly shown: ReadonlySet<string>;
  /** By resource: `""` if it is complete. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** Looks at each answer of a coordinator by itself: it is to be whole whatever happens, or to say that it is not. */
export class WholeJudge {
  readonly #expected: readonly string[];
  readonly #lives: ReadonlyMap<string, Life>;
  readonly #readings = new Map<string, Reading>();
  readonly #open = new Map<
    string,
    { reasons: Set<string>; resources: Set<string>; from: number; to: number }
  >();
  #tally: WholeTally = emptyTally();
  #statements: Statement[] = [];
  #begunAt = 0;

  /** `whole`: an exposition with every sample of the objects that stay; `lives`: the others. */
  constructor(whole: string, lives: ReadonlyMap<string, Life>) {
    this.#expected = [...steadySeries(whole)];
    this.#lives = lives;
  }

  /** What the present stretch's answers have said, the oldest first. */
  get statements(): readonly Statement[] {
    return this.#statements;
  }

  /** Begins another stretch. */
  begin(at: number): WholeTally {
    for (const address of this.#open.keys()) this.#close(address);
    this.#begunAt = at;
    this.#statements = [];
    this.#tally = emptyTally();
    return this.#tally;
  }

  /** Ends the present stretch. */
  end(): void {
    for (const address of this.#open.keys()) this.#close(address);
  }

  refused(): void {
    this.#tally.refusedConnections += 1;
  }

  unanswered(): void {
    this.#tally.unanswered += 1;
  }

  take(answer: WholeAnswer): void {
    const tally = this.#tally;
    const { address, begunAt, endedAt } = answer;
    tally.scrapes += 1;
    tally.slowest = Math.max(tally.slowest, Math.round(endedAt - begunAt));
    if (answer.status !== 200) {
      tally.notOk += 1;
      this.#note(`${address} answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      return;
    }
    const reading = this.#read(answer);
    const { missing, doubled, reasons } = reading;
    tally.missing += missing.length;
    tally.doubled += doubled.length;
    for (const series of missing) this.#note(`missing: ${series}`);
    for (const series of doubled) this.#note(`doubled: ${series}`);
    const wrong = [...missing, ...doubled];
    const isComplete = (resource: string): boolean => reasons.get(resource) === "";
    if (wrong.some((series) => isComplete(resourceOf(series)))) tally.untrue += 1;
    this.#judgeYoung(reading, answer);
    this.#state(answer, reasons);
  }

  #judgeYoung({ shown, reasons }: Reading, { begunAt, endedAt }: WholeAnswer): void {
    for (const { name, kind, createdAt, removedAt } of this.#lives.values()) {
      const isDue =
        createdAt + dueMs <= begunAt && (removedAt === undefined || removedAt > endedAt);
      if (!isDue || shown.has(name)) continue;
      if (reasons.get(kind) === "") this.#tally.late += 1;
      else this.#tally.lateWhileIncomplete += 1;
    }
  }

  #state(
    { address, begunAt, endedAt }: WholeAnswer,
    byResource: ReadonlyMap<string, string>,
  ): void {
    const incomplete = [...byResource].filter(([, reason]) => reason !== "");
    const reasons = [...new Set(incomplete.map(([, reason]) => reason))];
    this.#statements.push({ address, begunAt, endedAt, reasons });
    if (reasons.length === 0) {
      this.#close(address);
      return;
    }
    const none = { reasons: new Set<string>(), resources: new Set<string>() };
    const span = this.#open.get(address) ?? { ...none, from: endedAt, to: endedAt };
    this.#open.set(address, span);
    for (const [resource, reason] of incomplete) {
      span.reasons.add(reason);
      if (reason !== "stale") span.resources.add(resource);
    }
    span.to = endedAt;
  }

  #close(address: string): void {
    const span = this.#open.get(address);
    if (span === undefined) return;
    this.#open.delete(address);
    const [from, to] = [span.from, span.to].map((at) => Math.round(at - this.#begunAt));
    this.#tally.incomplete.push({
      address,
      reasons: [...span.reasons].toSorted(),
      resources: [...span.resources].toSorted(),
      from: from ?? 0,
      to: to ?? 0,
    });
  }

  /** Replicas answer the same bytes for a while: each is read once. */
  #read({ address, text }: WholeAnswer): Reading {
    const last = this.#readings.get(address);
    if (last?.text === text) return last;
    const seen = new Set<string>();
    const doubled: string[] = [];
    const shown = new Set<string>();
    for (const series of loadSeries(text)) {
      if (seen.has(series)) doubled.push(series);
      seen.add(series);
      const name = /^kube_(?:pod|configmap)_info\{.*?(?:pod|configmap)="(short-\d+)"/.exec(series);
      if (name?.[1] !== undefined) shown.add(name[1]);
    }
    const missing = this.#expected.filter((series) => !seen.has(series));
    const reasons = new Map<string, string>();
    const statement =
      /^kube_state_mosaic_complete\{resource="([^"]*)",reason="([^"]*)"\} ([01])$/gm;
    for (const [, resource = "", reason = "", value] of text.matchAll(statement))
      reasons.set(resource, value === "1" ? "" : reason || "without a reason");
    const reading = { text, missing, doubled, shown, reasons };
    this.#readings.set(address, reading);
    return reading;
  }

  #note(example: string): void {
    if (this.#tally.examples.length < 5) this.#tally.examples.push(example);
  }
}

function emptyTally(): WholeTally {
  return {
    scrapes: 0,
    notOk: 0,
    refusedConnections: 0,
    unanswered: 0,
    missing: 0,
    doubled: 0,
    untrue: 0,
    late: 0,
    lateWhileIncomplete: 0,
    slowest: 0,
    incomplete: [],
    examples: [],
  };
}

/** The load has pods and ConfigMaps. */
function resourceOf(series: string): string {
  return series.startsWith("kube_configmap_") ? "configmaps" : "pods";
}
