import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Exporter } from "../../e2e/exporter.ts";
import { type Usage, usage } from "../cluster/process-usage.ts";

export type Scrape = "gzip" | "identity" | "OpenMetrics, gzip";

export const scrapes: Readonly<Record<Scrape, Readonly<Record<string, string>>>> = {
  gzip: { "accept-encoding": "gzip" },
  identity: {},
  "OpenMetrics, gzip": {
    "accept-encoding": "gzip",
    accept: "application/openmetrics-text;version=1.0.0",
  },
};

export interface Sync {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  /** Of the event loop's delay until the exposition was complete. */
  readonly p99DelayMilliseconds: number;
}

/** The product's worker as a user starts it, and what it uses. */
export class WorkerProcess implements AsyncDisposable {
  readonly sync: Sync;
  readonly #exporter: Exporter;

  private constructor(exporter: Exporter, sync: Sync) {
    this.#exporter = exporter;
    this.sync = sync;
  }

  /** Starts it; it is complete then. */
  static async start(kubeconfig: string, args: readonly string[] = []): Promise<WorkerProcess> {
    const started = performance.now();
    const exporter = await Exporter.start([
      `--kubeconfig=${kubeconfig}`,
      "--enable-gzip-encoding",
      ...args,
    ]);
    await exporter.ready(600_000);
    const seconds = (performance.now() - started) / 1000;
    const { cpuSeconds, peakBytes } = usage(exporter.daemon.pid);
    const lag = /^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(await exporter.telemetry())?.[1];
    return new WorkerProcess(exporter, {
      seconds,
      cpuSeconds,
      peakMegabytes: peakBytes / 1e6,
      p99DelayMilliseconds: Number(lag) * 1000,
    });
  }

  get usage(): Usage {
    return usage(this.#exporter.daemon.pid);
  }

  /** Bytes sent, and seconds of CPU, of a scrape of what has not changed since the one before: the mean of so many. */
  async scrape(kind: Scrape, times: number): Promise<{ bytes: number; cpuSeconds: number }> {
    let bytes = await this.download(kind);
    const before = this.usage.cpuSeconds;
    for (let i = 0; i < times; i++) bytes = await this.download(kind);
    return { bytes, cpuSeconds: (this.usage.cpuSeconds - before) / times };
  }

  /** Bytes of the body as sent. */
  async download(kind: Scrape): Promise<number> {
    const sent = request(`${this.#exporter.url}/metrics`, { headers: scrapes[kind], agent: false });
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exporter[Symbol.asyncDispose]();
  }
}
