import { setTimeout as delay } from "node:timers/promises";
import { type ProcessKubelet, type RunningPod, until } from "@kube-state-mosaic/control-plane";
import type { Answer, Judge, Tally } from "./autosharding-judge.ts";
import { coordinator, statefulset } from "./autosharding-manifests.ts";
import { CoordinatorScraper, scrapeWorker } from "./autosharding-scrape.ts";
import type { WholeJudge, WholeTally } from "./autosharding-whole-judge.ts";
import type { ServiceRoute } from "./service-route.ts";

export interface StepReport extends Tally {
  /** From the change of replicas until every member answers by a layout of as many; NaN if it never came to that. */
  readonly inForceMs: number;
  readonly totalMs: number;
  /** Longest time without an answer, by pod. */
  readonly absentMs: Readonly<Record<string, number>>;
  readonly coordinators: WholeTally;
}

export interface Step {
  readonly name: string;
  /** Whether a member that does not answer makes samples missing. */
  readonly absenceCounts: boolean;
  readonly replicas: number;
}

/** What one round of scrapes of all workers came to. Monotonic milliseconds. */
export interface Round {
  readonly at: number;
  readonly answers: readonly Answer[];
}

export interface RoundsOptions {
  readonly kubelet: ProcessKubelet;
  readonly judge: Judge;
  readonly wholeJudge: WholeJudge;
  readonly isCoordinated: boolean;
  readonly isVerbose: boolean;
}

const intervalMs = 100;
const limitMs = 240_000;

/** Rounds of scrapes of all workers, every 100 ms, step by step. */
export class Rounds {
  readonly steps: StepReport[] = [];
  readonly #options: RoundsOptions;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Scrapes until `isOver`, which is asked after each round. */
  async watch(step: Step, isOver: (round: Round) => Promise<boolean> | boolean): Promise<void> {
    const { kubelet, judge, wholeJudge, isCoordinated, isVerbose } = this.#options;
    const begun = performance.now();
    const tally = judge.begin(step.name, step);
    const coordinators = wholeJudge.begin(begun);
    let inForceMs = Number.NaN;
    for (let due = begun; ; due = Math.max(due + intervalMs, performance.now())) {
      await until("the next round", () => performance.now() >= due, { intervalMs: 5 });
      const at = performance.now();
      const answers = await scrapeAll(kubelet);
      judge.take(answers, at);
      if (Number.isNaN(inForceMs) && inForce(answers, step.replicas, isCoordinated))
        inForceMs = at - begun;
      if (isVerbose && tally.rounds % 10 === 0) console.error(line(answers));
      if (await isOver({ at, answers })) break;
      if (at - begun > limitMs) {
        console.error(`${step.name} is not over within ${limitMs / 1_000} s`);
        break;
      }
    }
    wholeJudge.end();
    this.steps.push({
      ...tally,
      inForceMs: Math.round(inForceMs),
      totalMs: Math.round(performance.now() - begun),
      absentMs: Object.fromEntries(
        [...judge.absences].map(([pod, { longest }]) => [pod, Math.round(longest)]),
      ),
      coordinators,
    });
    console.error(JSON.stringify(this.steps.at(-1)));
  }
}

/** The StatefulSet's pods, ending ones included. */
export function workersOf(kubelet: ProcessKubelet): readonly RunningPod[] {
  return kubelet.pods.filter(({ pod }) => pod.metadata.name.startsWith(`${statefulset}-`));
}

export function coordinatorsOf(kubelet: ProcessKubelet): readonly RunningPod[] {
  return kubelet.pods.filter(
    ({ pod }) => pod.metadata.labels?.["app.kubernetes.io/name"] === coordinator,
  );
}

export function scrapeAll(kubelet: ProcessKubelet): Promise<readonly Answer[]> {
  return Promise.all(workersOf(kubelet).map((pod) => scrapeWorker(pod, 2_000)));
}

/** Whether as many members as there should be answer by a layout of as many; by one and the same if they are coordinated. */
export function inForce(
  answers: readonly Answer[],
  replicas: number,
  isCoordinated: boolean = true,
): boolean {
  const members = answers.filter(({ status, shard }) => status === 200 && shard !== undefined);
  return (
    (!isCoordinated || new Set(members.map(({ epoch }) => epoch)).size === 1) &&
    members.length === replicas &&
    members.every(({ total }) => total === replicas)
  );
}

/** Scrapes the coordinators' Service every 100 ms until aborted, whether or not the scrape before has been answered. */
export async function scrapeService(
  route: ServiceRoute,
  judge: WholeJudge,
  signal: AbortSignal,
): Promise<void> {
  const scraper = new CoordinatorScraper();
  const scrape = async (): Promise<void> => {
    const answer = await scraper.scrape(route.inTurn(), () => judge.refused());
    if (answer === undefined) judge.unanswered();
    else judge.take(answer);
  };
  const running = new Set<Promise<void>>();
  for (let due = performance.now(); !signal.aborted; due += intervalMs) {
    await delay(Math.max(0, due - performance.now()));
    const scraping = scrape().finally(() => running.delete(scraping));
    running.add(scraping);
  }
  await Promise.all(running);
}

function line(answers: readonly Answer[]): string {
  return answers
    .map(
      ({ pod, status, epoch, shard, total }) =>
        `${pod.slice(-1)}:${status}/e${epoch}/${shard}of${total}`,
    )
    .join("  ");
}
