import { live, populate, startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Child } from "../demo/child.ts";
import { untilSignalled } from "../lifetime.ts";
import { loggerFor } from "../settings.ts";

const changesPerSecond = 20;
const readyTimeoutMs = 60_000;

/** `kube-state-mosaic demo`: an embedded API server with made-up workloads, workers and a coordinator, each its own process. */
export async function runDemo(options: Options): Promise<number> {
  const logger = loggerFor(options);
  const signal = untilSignalled(logger);
  const folder = await mkdtemp(join(tmpdir(), "kube-state-mosaic-demo-"));
  const children: Child[] = [];
  await using server = await startFakeKubernetes();
  try {
    populate(server, { pods: options.demoPods, seed: 1 });
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, server.kubeconfig());
    const start = (name: string, args: readonly string[]): Child => {
      const child = new Child(name, args, (line) => logger.warn(`${name}: ${line}`));
      children.push(child);
      return child;
    };
    const total = options.demoWorkers;
    const workers = Array.from({ length: total }, (_, shard) =>
      start(`worker ${shard}`, [
        "worker",
        `--kubeconfig=${kubeconfig}`,
        `--shard=${shard}`,
        `--total-shards=${total}`,
        "--host=127.0.0.1",
        "--port=0",
        "--telemetry-host=127.0.0.1",
        "--telemetry-port=0",
        "--enable-gzip-encoding",
      ]),
    );
    const workerUrls = await Promise.all(workers.map((worker) => worker.listening));
    const coordinator = start("coordinator", [
      "coordinator",
      `--workers=${workerUrls.map(({ metrics }) => metrics).join(",")}`,
      `--host=${options.host}`,
      `--port=${options.port}`,
      "--telemetry-host=127.0.0.1",
      "--telemetry-port=0",
      "--enable-gzip-encoding",
    ]);
    const coordinatorUrls = await coordinator.listening;
    await whenReady(coordinatorUrls.metrics, signal);
    if (!signal.aborted)
      console.log(introduction({ api: server.url, workerUrls, coordinatorUrls, kubeconfig }));
    await live(server, { changesPerSecond, seed: 1, signal });
    return 0;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function whenReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  for (;;) {
    if (signal.aborted) return;
    const response = await fetch(`${url}/metrics`, { method: "HEAD" }).catch(() => undefined);
    if (response?.ok) return;
    if (performance.now() > deadline)
      throw new Error(`the coordinator at ${url} did not get all shards within 60 s`);
    await delay(100, undefined, { signal }).catch(() => undefined);
  }
}

interface Urls {
  readonly metrics: string;
  readonly telemetry: string;
}

function introduction(what: {
  api: string;
  kubeconfig: string;
  workerUrls: readonly Urls[];
  coordinatorUrls: Urls;
}): string {
  const { metrics, telemetry } = what.coordinatorUrls;
  const workers = what.workerUrls.map(
    (urls, shard) =>
      `  worker ${shard}       ${urls.metrics}/metrics   (itself: ${urls.telemetry}/metrics)\n`,
  );
  return `
A made-up cluster is running; pods come, go and crash.

  API server     ${what.api}   (kubectl --kubeconfig ${what.kubeconfig} get pods -A)
${workers.join("")}  coordinator    ${metrics}/metrics   (itself: ${telemetry}/metrics)

Try:
  curl -s ${metrics}/metrics | grep -c ^kube_pod_info
  curl -s '${metrics}/metrics?resources=deployments' | head -20
  curl -s ${what.workerUrls[0]?.metrics}/metrics | grep -c ^kube_pod_info

Ctrl-C ends everything.`;
}
