import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  freePorts,
  startControlPlane,
  type ControlPlane,
  type Daemon,
} from "@kube-state-mosaic/control-plane";
import { startProgram } from "../../e2e/exporter.ts";
import { churn } from "../cluster/churn.ts";
import { loadPopulation } from "../cluster/load.ts";

// Workers as plain processes follow a StatefulSet on a real API server through changes of its replicas, under churn, and are
// scraped all together again and again. Nothing restarts them here: what is measured is the handover alone.
const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "20000" },
    steps: { type: "string", default: "2,3,5,2,4" },
    rate: { type: "string", default: "50" },
    /** Between two rounds of scrapes, in milliseconds. */
    every: { type: "string", default: "100" },
  },
});

const namespace = "monitoring";
const set = "mosaic";
const steps = values.steps.split(",").map(Number);

interface Running {
  readonly url: string;
  readonly telemetry: string;
  readonly daemon: Daemon;
}

interface Round {
  readonly at: number;
  readonly epochs: readonly string[];
  readonly missing: number;
  readonly doubled: number;
  /** Workers that did not answer 200. */
  readonly refused: number;
}

await using cp = await startControlPlane({});
await loadPopulation(cp, { pods: Number(values.pods), nodes: 500, seed: 1 });
await cp.send("/api/v1/namespaces", { method: "POST", body: { metadata: { name: namespace } } });
await createStatefulSet(cp, steps[0] ?? 1);
const truth = await podUids(cp);
const stop = new AbortController();
void churn(cp, { rate: Number(values.rate), seconds: 600 }).catch(() => 0);

const workers = new Map<number, Running>();
const rounds: Round[] = [];
for (let index = 0; index < (steps[0] ?? 1); index++) await start(index);
await until(async () => (await layoutOf(0))?.members === steps[0], 120_000);
await until(async () => (await scrapeAll()).refused === 0, 120_000);
const scraping = scrapeForEver();

for (const replicas of steps.slice(1)) {
  const began = performance.now();
  const before = workers.size;
  await cp.send(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${set}`, {
    method: "PATCH",
    body: { spec: { replicas } },
    contentType: "application/merge-patch+json",
  });
  for (let index = before; index < replicas; index++) await start(index);
  // A leaver gets its signal as from the controller, and ends by itself.
  const leaving = [...workers].filter(([index]) => index >= replicas);
  for (const [, { daemon }] of leaving) daemon.kill("SIGTERM");
  await until(async () => (await layoutOf(0))?.members === replicas, 180_000);
  const seconds = (performance.now() - began) / 1000;
  for (const [index, { daemon }] of leaving) {
    await daemon.exited;
    workers.delete(index);
  }
  console.log(`${before} → ${replicas}: in force after ${seconds.toFixed(1)} s`);
  await delay(35_000);
}
stop.abort();
await scraping;
report();
for (const { daemon } of workers.values()) await daemon.stop();
process.exit(0);

async function scrapeForEver(): Promise<void> {
  while (!stop.signal.aborted) {
    rounds.push(await scrapeAll());
    await delay(Number(values.every));
  }
}

/** One scrape of all workers at once, against the pods that live throughout. */
async function scrapeAll(): Promise<Round> {
  const at = performance.now();
  const answers = await Promise.all([...workers.values()].map((worker) => scrape(worker.url)));
  const counts = new Map<string, number>();
  for (const answer of answers)
    for (const uid of answer?.uids ?? []) counts.set(uid, (counts.get(uid) ?? 0) + 1);
  let missing = 0;
  let doubled = 0;
  for (const uid of truth) {
    const count = counts.get(uid) ?? 0;
    if (count === 0) missing++;
    if (count > 1) doubled++;
  }
  const epochs = [...new Set(answers.flatMap((answer) => answer?.epoch ?? []))];
  return { at, epochs, missing, doubled, refused: answers.filter((answer) => !answer).length };
}

async function scrape(url: string) {
  const response = await fetch(`${url}/metrics`).catch(() => undefined);
  if (response?.status !== 200) return undefined;
  const text = await response.text();
  const uids = [...text.matchAll(/^kube_pod_info\{[^}]*?uid="([^"]*)"/gm)].map(
    (match) => match[1] ?? "",
  );
  return { epoch: response.headers.get("x-mosaic-epoch") ?? "", uids };
}

function report(): void {
  const mixed = rounds.filter(({ epochs }) => epochs.length > 1);
  const equal = rounds.filter(({ epochs, refused }) => epochs.length === 1 && refused === 0);
  const sum = (of: (round: Round) => number): number =>
    equal.reduce((total, round) => total + of(round), 0);
  let longest = 0;
  let since: number | undefined;
  for (const { at, epochs } of rounds) {
    since = epochs.length > 1 ? (since ?? at) : undefined;
    if (since !== undefined) longest = Math.max(longest, at - since);
  }
  console.log(`| rounds of scrapes | ${rounds.length} |`);
  console.log(`| rounds with mixed epochs | ${mixed.length}, longest ${Math.round(longest)} ms |`);
  console.log(`| rounds with a refusal | ${rounds.filter(({ refused }) => refused > 0).length} |`);
  console.log(`| rounds of equal epochs | ${equal.length} |`);
  console.log(`| samples missing in them | ${sum(({ missing }) => missing)} |`);
  console.log(`| samples doubled in them | ${sum(({ doubled }) => doubled)} |`);
}

async function start(index: number): Promise<void> {
  const name = `${set}-${index}`;
  const uid = JSON.parse(
    (await cp.request(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${set}`)).body,
  ).metadata.uid;
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: set, uid, controller: true };
  await cp.etcdPut(`/registry/pods/${namespace}/${name}`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid: randomUUID(), ownerReferences: [owner] },
    spec: { containers: [{ name: "mosaic", image: "mosaic" }] },
  });
  const [port, telemetryPort] = await freePorts(2);
  const daemon = await startProgram([
    `--kubeconfig=${cp.kubeconfigPath}`,
    `--pod=${name}`,
    `--pod-namespace=${namespace}`,
    "--resources=pods",
    "--metric-allowlist=^kube_pod_info$",
    "--advertise-address=127.0.0.1",
    "--host=127.0.0.1",
    "--telemetry-host=127.0.0.1",
    `--port=${port}`,
    `--telemetry-port=${telemetryPort}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  workers.set(index, { url, telemetry: `http://127.0.0.1:${telemetryPort}`, daemon });
}

async function layoutOf(index: number): Promise<{ members: number } | undefined> {
  const { telemetry } = workers.get(index) ?? {};
  const response = await fetch(`${telemetry}/layout`).catch(() => undefined);
  if (response?.ok !== true) return undefined;
  // What the worker's own page says; read as far as it is needed here.
  const { inForce, active } = (await response.json()) as {
    inForce?: number;
    active?: { epoch: number; members: readonly string[] };
  };
  return active !== undefined && inForce === active.epoch
    ? { members: active.members.length }
    : undefined;
}

async function createStatefulSet(controlPlane: ControlPlane, replicas: number): Promise<void> {
  const labels = { app: set };
  await controlPlane.send(`/apis/apps/v1/namespaces/${namespace}/statefulsets`, {
    method: "POST",
    body: {
      metadata: { name: set },
      spec: {
        replicas,
        serviceName: set,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "mosaic", image: "mosaic" }] },
        },
      },
    },
  });
}

async function podUids(controlPlane: ControlPlane): Promise<string[]> {
  const path = "/api/v1/pods?resourceVersion=0";
  const { body } = await controlPlane.request(path, {
    accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  });
  const { items } = JSON.parse(body) as { items: readonly { metadata: { uid: string } }[] };
  return items.map(({ metadata }) => metadata.uid);
}

async function until(condition: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("not within the time");
    await delay(200);
  }
}
