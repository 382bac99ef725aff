/**
 * What `autosharding.test.ts` runs in a network namespace: the autosharding manifests, scaled and restarted under churn, all workers
 * scraped every 100 ms. Prints an AutoshardingReport.
 *
 * `unshare --net --mount node test/e2e/autosharding-run.ts --scale=1,3,5,2 --restart`, as root.
 */
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  makeNodeNetwork,
  ProcessKubelet,
  type RunningPod,
  startControlPlane,
  until,
} from "@kube-state-mosaic/control-plane";
import { churnLoad, createSteadyObjects } from "./autosharding-load.ts";
import { type Answer, Judge, type Tally } from "./autosharding-judge.ts";
import { render, unpackedImage } from "./kubelet-manifests.ts";

/** What was seen. */
export interface AutoshardingReport {
  /** Of the objects that stay. */
  readonly expectedSamples: number;
  readonly changesPerSecond: number;
  /** One for each change of replicas, and one for the restart. */
  readonly steps: readonly StepReport[];
}

export interface StepReport extends Tally {
  /** From the change of replicas until every member answers by a layout of as many. */
  readonly inForceMs: number;
  readonly totalMs: number;
  /** Longest time without an answer, by pod. */
  readonly absentMs: Readonly<Record<string, number>>;
}

const intervalMs = 100;
const coordinatorIntervalMs = 500;
const statefulset = "kube-state-metrics-shard";

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1,3,2" },
    restart: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const counts = values.scale.split(",").map(Number);

await makeNodeNetwork();
const image = await unpackedImage();
try {
  await using controlPlane = await startControlPlane({ controllers: true, scheduler: true });
  const images = { "kube-state-mosaic": image };
  await using kubelet = await ProcessKubelet.start({
    client: controlPlane,
    nodeName: "node-0",
    images,
    onEnded: (pod) => {
      if (values.verbose) console.error(pod.container()?.tail(500));
    },
  });
  await createSteadyObjects(controlPlane);
  const manifests = await render(controlPlane, "autosharding");
  await controlPlane.apply(
    manifests.replace(
      /^  replicas: 2\n(  selector:\n    matchLabels:\n      app.kubernetes.io\/name: kube-state-metrics-shard)/m,
      `  replicas: ${counts[0]}\n$1`,
    ),
  );
  const workers = (): readonly RunningPod[] =>
    kubelet.pods.filter(({ pod }) => pod.metadata.name.startsWith(`${statefulset}-`));
  const coordinators = (): readonly RunningPod[] =>
    kubelet.pods.filter(
      ({ pod }) => pod.metadata.labels?.["app.kubernetes.io/name"] === "kube-state-metrics",
    );
  const log = (text: string): void => console.error(text);

  const scrapeAll = (): Promise<readonly Answer[]> =>
    Promise.all(workers().map((pod) => scrape(pod, 2_000)));
  const inForce = (answers: readonly Answer[], replicas: number): boolean => {
    const members = answers.filter(({ status, shard }) => status === 200 && shard !== undefined);
    return (
      new Set(members.map(({ epoch }) => epoch)).size === 1 &&
      members.length === replicas &&
      members.every(({ total }) => total === replicas)
    );
  };
  const first = await until(
    `${counts[0]} shards answer`,
    async () => {
      const answers = await scrapeAll();
      return inForce(answers, counts[0] ?? 1) ? answers : undefined;
    },
    { daemons: controlPlane.daemons, timeoutMs: 90_000 },
  );
  await until(
    "both coordinators answer",
    async () =>
      (await Promise.all(coordinators().map((pod) => scrape(pod, 2_000)))).every(
        ({ status }) => status === 200,
      ),
    { timeoutMs: 30_000 },
  );
  const judge = new Judge(first.map(({ text }) => text).join("\n"));
  log(`${judge.expectedSamples} samples of objects that stay`);

  const stopping = new AbortController();
  const started = performance.now();
  const churning = churnLoad(controlPlane, { perSecond: 20, signal: stopping.signal });
  const steps: StepReport[] = [];
  // Beside the rounds: while a shard is away, an answer takes as long as it takes to find that out.
  const whole = (async () => {
    while (!stopping.signal.aborted) {
      const answers = await Promise.all(coordinators().map((pod) => scrape(pod, 10_000)));
      for (const answer of answers) judge.takeWhole(answer);
      await delay(coordinatorIntervalMs);
    }
  })();

  /** Scrapes every 100 ms until `isOver`, which is asked after each round. */
  const watch = async (
    step: { name: string; absenceCounts: boolean; replicas: number },
    isOver: (answers: readonly Answer[]) => Promise<boolean> | boolean,
  ): Promise<void> => {
    const tally = judge.begin(step.name, step);
    const begun = performance.now();
    let inForceMs = Number.NaN;
    for (let due = begun; ; due = Math.max(due + intervalMs, performance.now())) {
      await until("the next round", () => performance.now() >= due, { intervalMs: 5 });
      const at = performance.now();
      const answers = await scrapeAll();
      judge.take(answers, at);
      if (Number.isNaN(inForceMs) && inForce(answers, step.replicas)) inForceMs = at - begun;
      if (values.verbose && tally.rounds % 10 === 0)
        log(
          answers
            .map(
              ({ pod, status, epoch, shard, total }) =>
                `${pod.slice(-1)}:${status}/e${epoch}/${shard}of${total}`,
            )
            .join("  "),
        );
      if (await isOver(answers)) break;
      if (performance.now() - begun > 240_000) {
        log(`${step.name} is not over within 240 s`);
        for (const { pod } of workers()) log(pod.metadata.name);
        break;
      }
    }
    const absentMs = Object.fromEntries(
      [...judge.absences].map(([pod, { longest }]) => [pod, Math.round(longest)]),
    );
    steps.push({
      ...tally,
      inForceMs: Math.round(inForceMs),
      totalMs: Math.round(performance.now() - begun),
      absentMs,
    });
    log(JSON.stringify(steps.at(-1)));
  };

  for (const [index, replicas] of counts.slice(1).entries()) {
    const before = counts[index] ?? 0;
    await controlPlane.kubectl(
      `scale statefulset/${statefulset} --namespace=kube-system --replicas=${replicas}`,
    );
    // Over when the layout is in force and the pods that are scaled away are gone.
    await watch(
      { name: `${before} to ${replicas}`, absenceCounts: true, replicas },
      (answers) => inForce(answers, replicas) && workers().length === replicas,
    );
  }
  if (values.restart) {
    const replicas = counts.at(-1) ?? 1;
    const old = new Set(workers().map(({ pod }) => pod.metadata.uid));
    await controlPlane.kubectl(
      `rollout restart statefulset/${statefulset} --namespace=kube-system`,
    );
    await watch(
      { name: "rollout restart", absenceCounts: false, replicas },
      (answers) => inForce(answers, replicas) && answers.every(({ uid }) => !old.has(uid)),
    );
  }
  stopping.abort();
  const changes = await churning;
  await whole;
  const seconds = (performance.now() - started) / 1_000;
  if (values.verbose) for (const pod of kubelet.pods) log(pod.container()?.tail(500) ?? "");
  const report: AutoshardingReport = {
    expectedSamples: judge.expectedSamples,
    changesPerSecond: Math.round(changes / seconds),
    steps,
  };
  console.log(JSON.stringify(report));
} finally {
  await rm(image.root, { recursive: true, force: true });
}

async function scrape({ pod, address }: RunningPod, timeoutMs: number): Promise<Answer> {
  const { name, uid } = pod.metadata;
  const who = { pod: name, uid };
  try {
    const response = await fetch(`http://${address}:8080/metrics`, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const number = (header: string): number | undefined => {
      const value = response.headers.get(header);
      return value === null ? undefined : Number(value);
    };
    return {
      ...who,
      status: response.status,
      epoch: number("x-mosaic-epoch"),
      shard: number("x-mosaic-shard"),
      total: number("x-mosaic-total-shards"),
      text: response.ok ? text : "",
    };
  } catch {
    // Not there yet, or not any more.
    return {
      ...who,
      status: undefined,
      epoch: undefined,
      shard: undefined,
      total: undefined,
      text: "",
    };
  }
}
