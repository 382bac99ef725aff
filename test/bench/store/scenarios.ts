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
  /** CPU of all threads in milliseconds, collecting garbage included. */
  readonly fill: number;
  readonly gzipScrape: number;
  readonly identityScrape: number;
  /** CPU in microseconds a change, its share of the next gzip scrape included. */
  readonly uniformChange: number;
  readonly concentratedChange: number;
  /** Resident bytes a pod: after the fill, at the fill's peak, after the churn. */
  readonly steadyBytes: number;
  readonly peakBytes: number;
  readonly churnedBytes: number;
  readonly gzipBytes: number;
  readonly identityBytes: number;
}

const rowsABatch = 250;
const changesAScrape = 3750;

/** Rows are made outside the measured time, a batch at a time. */
export async function measure(
  side: Side,
  { pods, scrapes }: { pods: number; scrapes: number },
): Promise<Figures> {
  for (let warm = 0; warm < 2000; warm++) podRow(warm, 1);
  settle();
  const base = process.memoryUsage.rss();
  let peak = base;
  const cpu = new CpuTime();
  side.begin();
  for (let first = 0; first < pods; first += rowsABatch) {
    const rows = Array.from({ length: Math.min(rowsABatch, pods - first) }, (_, at) =>
      podRow(first + at, 0),
    );
    cpu.start();
    for (const row of rows) side.set(row);
    cpu.stop();
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  cpu.start();
  side.end();
  const fill = cpu.stop();
  settle();
  const steady = process.memoryUsage.rss();

  const gzip = await scrape(side, "gzip");
  const identity = await scrape(side, "identity");
  const quiet = await scrape(side, "gzip");
  const everywhere = await churn(side, { pods, scrapes, hot: pods });
  const few = await churn(side, { pods, scrapes, hot: Math.ceil(pods / 20) });
  settle();
  return {
    fill,
    gzipScrape: quiet.milliseconds,
    identityScrape: identity.milliseconds,
    uniformChange: everywhere,
    concentratedChange: few,
    steadyBytes: Math.round((steady - base) / pods),
    peakBytes: Math.round((peak - base) / pods),
    churnedBytes: Math.round((process.memoryUsage.rss() - base) / pods),
    gzipBytes: gzip.bytes,
    identityBytes: identity.bytes,
  };
}

async function scrape(
  side: Side,
  encoding: "gzip" | "identity",
): Promise<{ bytes: number; milliseconds: number }> {
  const cpu = new CpuTime();
  cpu.start();
  const bytes = await side.scrape(encoding);
  return { bytes, milliseconds: cpu.stop() };
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

function settle(): void {
  if (globalThis.gc === undefined) throw new Error("run with node --expose-gc");
  for (let round = 0; round < 3; round++) globalThis.gc();
}
