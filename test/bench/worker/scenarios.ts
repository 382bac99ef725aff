import { setTimeout as delay } from "node:timers/promises";
import type { ClusterProcess } from "./cluster-process.ts";
import type { Order } from "./serve-cluster.ts";
import { type Scrape, type Sync, WorkerProcess, scrapes } from "./worker-process.ts";

export const changesASecond = 250;
/**
 * A program in its first minutes is still being compiled: that is not what a change costs in the months after. One of 8 shards
 * renders 7,500 objects in this time.
 */
const warmUp = { order: { rate: 1_000 }, ms: 60_000 };
const idleMs = 10_000;
const churnMs = 30_000;
const scrapeEveryMs = 15_000;

export interface SizeFigures {
  readonly pods: number;
  readonly sync: Sync;
  /** Resident, ten seconds after the sync and two scrapes. */
  readonly steadyMegabytes: number;
  readonly scrapes: Readonly<Record<Scrape, { bytes: number; cpuSeconds: number }>>;
}

/** A worker on a quiet cluster: what it takes to have it whole, to hold it and to send it. */
export async function measureSize(
  cluster: ClusterProcess,
  args: readonly string[] = [],
): Promise<SizeFigures> {
  await using worker = await WorkerProcess.start(cluster.kubeconfig, args);
  const times = Math.max(2, Math.round(100_000 / cluster.pods));
  const figures = {} as Record<Scrape, { bytes: number; cpuSeconds: number }>;
  await delay(idleMs);
  for (const kind of Object.keys(scrapes) as Scrape[])
    figures[kind] = await worker.scrape(kind, times);
  const steadyMegabytes = worker.usage.residentBytes / 1e6;
  return { pods: cluster.pods, sync: worker.sync, steadyMegabytes, scrapes: figures };
}

export interface ChurnFigures {
  /** Of all CPU, scrapes and what it does when nothing happens included. */
  readonly cpuMicrosecondsAChange: number;
  readonly residentMegabytes: number;
  readonly peakMegabytes: number;
}

/** Status changes with a gzip scrape every 15 seconds. */
export async function measureChurn(cluster: ClusterProcess, order: Order): Promise<ChurnFigures> {
  await using worker = await WorkerProcess.start(cluster.kubeconfig);
  await cluster.order({ ...order, ...warmUp.order });
  await delay(warmUp.ms);
  await worker.download("gzip");
  const before = worker.usage;
  await cluster.order(order);
  for (let passed = 0; passed < churnMs; passed += scrapeEveryMs) {
    await delay(scrapeEveryMs);
    await worker.download("gzip");
  }
  const changes = await cluster.order({ rate: 0 });
  const after = worker.usage;
  return {
    cpuMicrosecondsAChange: ((after.cpuSeconds - before.cpuSeconds) / changes) * 1e6,
    residentMegabytes: after.residentBytes / 1e6,
    peakMegabytes: after.peakBytes / 1e6,
  };
}

export interface ShardFigures {
  readonly name: string;
  readonly sync: Sync;
  readonly residentMegabytes: number;
  /** A change of any pod in the cluster, the process's idling taken off; nothing is scraped. */
  readonly cpuMicrosecondsAChange: number;
}

/** One worker for the whole cluster and so many for a part each, on the same stream at the same time. */
export async function measureShards(
  cluster: ClusterProcess,
  shards: number,
): Promise<ShardFigures[]> {
  await using stack = new AsyncDisposableStack();
  const workers: (readonly [string, WorkerProcess])[] = [];
  for (let shard = -1; shard < shards; shard++) {
    const args = shard < 0 ? [] : [`--shard=${shard}`, `--total-shards=${shards}`];
    const worker = stack.use(await WorkerProcess.start(cluster.kubeconfig, args));
    workers.push([shard < 0 ? "whole" : `shard ${shard}`, worker]);
  }
  const cpu = (): number[] => workers.map(([, worker]) => worker.usage.cpuSeconds);
  await cluster.order(warmUp.order);
  await delay(warmUp.ms);
  await cluster.order({ rate: 0 });
  const idleBefore = await idle(cpu);
  const from = cpu();
  const began = performance.now();
  await cluster.order({ rate: changesASecond });
  await delay(churnMs);
  const changes = await cluster.order({ rate: 0 });
  await settled(cpu);
  const to = cpu();
  const milliseconds = performance.now() - began;
  const idleAfter = await idle(cpu);
  return workers.map(([name, worker], at) => {
    // What is compiled or collected in one of them has nothing to do with idling.
    const idling = Math.min(idleBefore[at] ?? 0, idleAfter[at] ?? 0) * (milliseconds / idleMs);
    const busy = (to[at] ?? 0) - (from[at] ?? 0);
    return {
      name,
      sync: worker.sync,
      residentMegabytes: worker.usage.residentBytes / 1e6,
      cpuMicrosecondsAChange: ((busy - idling) / changes) * 1e6,
    };
  });
}

/** Seconds of CPU that each worker uses in ten seconds in which nothing happens. */
async function idle(cpu: () => readonly number[]): Promise<number[]> {
  await settled(cpu);
  const from = cpu();
  await delay(idleMs);
  return cpu().map((value, at) => value - (from[at] ?? 0));
}

/** Waits for what is still on its way: until a second passes in which no worker uses more than a twentieth of a core, at most a minute. */
async function settled(cpu: () => readonly number[]): Promise<void> {
  for (let second = 0, before = cpu(); second < 60; second++) {
    await delay(1_000);
    const now = cpu();
    if (now.every((value, at) => value - (before[at] ?? 0) < 0.05)) return;
    before = now;
  }
}
