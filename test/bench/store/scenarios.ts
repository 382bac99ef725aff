import type { Row } from "@kube-state-mosaic/store";
import { podRow } from "./pod-rows.ts";

/** What a scenario needs of a store; the plain one and ours are measured through it. */
export interface Side {
  begin(): void;
  set(row: Row): void;
  end(): void;
  /** Sends everything; answers the bytes sent. */
  scrape(encoding: "gzip" | "identity"): Promise<number>;
  /** What is done between scrapes. */
  maintain(): void;
}

export interface Figures {
  /** CPU of all threads, collecting garbage included, of filling the store. */
  readonly "fill, ms of CPU": number;
  /** Of scraping what has not changed: the median of 3 to 15. */
  readonly "gzip scrape, quiet, ms of CPU": number;
  readonly "identity scrape, quiet, ms of CPU": number;
  /** Of a change with its share of the next gzip scrape; uniformly random pods, and a twentieth of them. */
  readonly "change, uniform, µs of CPU": number;
  readonly "change, 5 % of pods, µs of CPU": number;
  /** What a pod adds once the heap has its size: the second half of the fill. */
  readonly "resident, bytes a pod": number;
  readonly "resident, steady, MB": number;
  readonly "resident, peak of fill, MB": number;
  readonly "resident, after churn, MB": number;
  readonly "gzip scrape, MB": number;
  readonly "identity scrape, MB": number;
}

const rowsABatch = 250;
const changesAScrape = 3750;
const minQuietRounds = 3;
const maxQuietRounds = 15;
const enoughMilliseconds = 3000;

/** Rows are made outside the measured time, a batch at a time. */
export async function measure(
  side: Side,
  { pods, scrapes }: { pods: number; scrapes: number },
): Promise<Figures> {
  const cpu = new CpuTime();
  let peak = 0;
  side.begin();
  fill(0, pods / 2);
  const half = settledMemory();
  fill(pods / 2, pods);
  cpu.start();
  side.end();
  const filled = cpu.stop();
  const steady = settledMemory();

  const gzip = await quietScrape(side, "gzip");
  const identity = await quietScrape(side, "identity");
  const everywhere = await churn(side, { pods, scrapes, hot: pods });
  const few = await churn(side, { pods, scrapes, hot: Math.ceil(pods / 20) });
  return {
    "fill, ms of CPU": Math.round(filled),
    "gzip scrape, quiet, ms of CPU": Math.round(gzip.milliseconds),
    "identity scrape, quiet, ms of CPU": Math.round(identity.milliseconds),
    "change, uniform, µs of CPU": Math.round(everywhere),
    "change, 5 % of pods, µs of CPU": Math.round(few),
    "resident, bytes a pod": Math.round((steady - half) / (pods / 2)),
    "resident, steady, MB": megabytes(steady),
    "resident, peak of fill, MB": megabytes(peak),
    "resident, after churn, MB": megabytes(settledMemory()),
    "gzip scrape, MB": megabytes(gzip.bytes),
    "identity scrape, MB": megabytes(identity.bytes),
  };

  function fill(from: number, to: number): void {
    for (let first = from; first < to; first += rowsABatch) {
      const rows = Array.from({ length: Math.min(rowsABatch, to - first) }, (_, at) =>
        podRow(first + at, 0),
      );
      cpu.start();
      for (const row of rows) side.set(row);
      cpu.stop();
      peak = Math.max(peak, process.memoryUsage.rss());
    }
  }
}

async function quietScrape(
  side: Side,
  encoding: "gzip" | "identity",
): Promise<{ bytes: number; milliseconds: number }> {
  let bytes = 0;
  const rounds: number[] = [];
  let spent = 0;
  while (
    rounds.length < minQuietRounds ||
    (rounds.length < maxQuietRounds && spent < enoughMilliseconds)
  ) {
    const cpu = new CpuTime();
    cpu.start();
    bytes = await side.scrape(encoding);
    const milliseconds = cpu.stop();
    rounds.push(milliseconds);
    spent += milliseconds;
  }
  return { bytes, milliseconds: rounds.toSorted((a, b) => a - b)[rounds.length >> 1] ?? 0 };
}

/** 250 changes a second with a scrape every 15 seconds, without the waiting. */
async function churn(
  side: Side,
  { pods, scrapes, hot }: { pods: number; scrapes: number; hot: number },
): Promise<number> {
  const cpu = new CpuTime();
  let random = 1;
  let revision = hot === pods ? 1 : 100;
  for (let round = 0; round < scrapes; round++) {
    revision++;
    for (let done = 0; done < changesAScrape; done += rowsABatch) {
      const rows = Array.from({ length: rowsABatch }, () => {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
        const chosen = Math.floor((random / 2 ** 32) * hot);
        return podRow(hot === pods ? chosen : chosen * 20, revision);
      });
      cpu.start();
      for (const row of rows) side.set(row);
      cpu.stop();
    }
    cpu.start();
    await side.scrape("gzip");
    side.maintain();
    cpu.stop();
  }
  return (cpu.total * 1000) / (scrapes * changesAScrape);
}

class CpuTime {
  total = 0;
  #from = process.cpuUsage();

  start(): void {
    this.#from = process.cpuUsage();
  }

  /** Milliseconds in all so far. */
  stop(): number {
    const { user, system } = process.cpuUsage(this.#from);
    this.total += (user + system) / 1000;
    return this.total;
  }
}

/** Resident bytes once all garbage is gone. */
function settledMemory(): number {
  if (globalThis.gc === undefined) throw new Error("run with node --expose-gc");
  for (let round = 0; round < 3; round++) globalThis.gc();
  return process.memoryUsage.rss();
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
