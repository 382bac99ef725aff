import { live, populate, startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Child } from "../demo/child.ts";
import { Shards, shards } from "../demo/shards.ts";
import { untilSignalled } from "../lifetime.ts";
import { loggerFor } from "../settings.ts";

const changesPerSecond = 20;
const readyTimeoutMs = 60_000;
const reconcileMs = 500;

/**
 * `kube-state-mosaic demo`: an embedded API server with made-up workloads, autosharded workers and a coordinator, each its own process.
 * The workers follow the replicas of their StatefulSet, so a handover can be watched.
 */
export async function runDemo(options: Options): Promise<number> {
  const logger = loggerFor(options);
  const signal = untilSignalled(logger);
  const folder = await mkdtemp(join(tmpdir(), "kube-state-mosaic-demo-"));
  const children: Child[] = [];
  let running = false;
  await using server = await startFakeKubernetes();
  try {
    populate(server, { pods: options.demoPods, seed: 1 });
    // Begun before the workers have pods of their own, which the made-up life then leaves alone.
    const living = live(server, { changesPerSecond, seed: 1, signal });
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, server.kubeconfig());
    const start = (name: string, args: readonly string[]): Child => {
      // Until all of them are there, each finds the others missing.
      const child = new Child(name, args, (line) => running && logger.warn(`${name}: ${line}`));
      children.push(child);
      return child;
    };
    const cluster = new Shards({ server, kubeconfig, start }, options.demoWorkers);
    cluster.reconcile();
    const coordinator = start("coordinator", [
      "coordinator",
      `--kubeconfig=${kubeconfig}`,
      `--pod-namespace=${shards.namespace}`,
      `--statefulset=${shards.name}`,
      `--host=${options.host}`,
      `--port=${options.port}`,
      "--telemetry-host=127.0.0.1",
      "--telemetry-port=0",
    ]);
    const workerUrls = await Promise.all(
      [...cluster.workers.values()].map((worker) => worker.listening),
    );
    const coordinatorUrls = await coordinator.listening;
    await whenReady(coordinatorUrls.metrics, signal);
    running = true;
    if (!signal.aborted)
      console.log(introduction({ api: server.url, workerUrls, coordinatorUrls, kubeconfig }));
    await Promise.all([living, follow(cluster, signal)]);
    return 0;
  } finally {
    await Promise.all(children.map((child) => child.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function follow(cluster: Shards, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    cluster.reconcile();
    await delay(reconcileMs, undefined, { signal }).catch(() => undefined);
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

Watch a handover: open ${metrics}/ and change the number of workers (after the first half minute):
  curl -s -X PATCH -H 'Content-Type: application/merge-patch+json' -d '{"spec":{"replicas":5}}' \\
    ${what.api}/apis/apps/v1/namespaces/${shards.namespace}/statefulsets/${shards.name}

Ctrl-C ends everything.`;
}
