/**
 * What `autosharding.test.ts` runs in a network namespace: the autosharding manifests, scaled, restarted and killed under churn, all
 * workers and the coordinators' Service scraped every 100 ms. Prints an AutoshardingReport.
 *
 * `unshare --net --mount node test/e2e/autosharding-run.ts --scale=1,3,5,2 --restart --kills --long --prometheus`, as root; also
 * `--ordered` (OrderedReady), `--uncoordinated` (no permission for Leases), `--verbose`.
 */
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  makeNodeNetwork,
  ProcessKubelet,
  startControlPlane,
  until,
} from "@kube-state-mosaic/control-plane";
import { Judge } from "./autosharding-judge.ts";
import {
  type KillReport,
  killCoordinator,
  killDuringChange,
  killWorker,
} from "./autosharding-kills.ts";
import { churnLoad, createSteadyObjects, type Life } from "./autosharding-load.ts";
import {
  autoshardingManifests,
  coordinator,
  namespace,
  statefulset,
} from "./autosharding-manifests.ts";
import {
  judgePrometheus,
  type PrometheusReport,
  startPrometheus,
} from "./autosharding-prometheus.ts";
import {
  coordinatorsOf,
  inForce,
  Rounds,
  scrapeAll,
  scrapeService,
  type StepReport,
  workersOf,
} from "./autosharding-rounds.ts";
import { applyPrintedRole, type UncoordinatedReport } from "./autosharding-uncoordinated.ts";
import { WholeJudge } from "./autosharding-whole-judge.ts";
import { unpackedImage } from "./kubelet-manifests.ts";
import { PodHistory } from "./pod-history.ts";
import { ServiceProxy, ServiceRoute } from "./service-route.ts";

/** What was seen. */
export interface AutoshardingReport {
  /** Of the objects that stay. */
  readonly expectedSamples: number;
  readonly changesPerSecond: number;
  /** One for each change of replicas, one for the restart, and one for each kill. */
  readonly steps: readonly StepReport[];
  readonly kills: readonly KillReport[];
  readonly prometheus: PrometheusReport | undefined;
  readonly uncoordinated: UncoordinatedReport | undefined;
}

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1,3,2" },
    restart: { type: "boolean", default: false },
    kills: { type: "boolean", default: false },
    /** More of them. */
    long: { type: "boolean", default: false },
    prometheus: { type: "boolean", default: false },
    ordered: { type: "boolean", default: false },
    uncoordinated: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const [firstCount = 1, ...laterCounts] = values.scale.split(",").map(Number);
const lastCount = laterCounts.at(-1) ?? firstCount;
const isCoordinated = !values.uncoordinated;

await makeNodeNetwork();
const image = await unpackedImage();
try {
  await using controlPlane = await startControlPlane({ controllers: true, scheduler: true });
  await using kubelet = await ProcessKubelet.start({
    client: controlPlane,
    nodeName: "node-0",
    images: { "kube-state-mosaic": image },
    onEnded: (pod) => {
      if (values.verbose) console.error(pod.container()?.tail(500));
    },
  });
  await createSteadyObjects(controlPlane);
  const variant = {
    replicas: firstCount,
    isOrdered: values.ordered,
    isUncoordinated: values.uncoordinated,
  };
  await controlPlane.apply(await autoshardingManifests(controlPlane, variant));
  await using route = new ServiceRoute(controlPlane, { namespace, name: coordinator });
  const first = await until(
    `${firstCount} shards answer`,
    async () => {
      const answers = await scrapeAll(kubelet);
      return inForce(answers, firstCount, isCoordinated) ? answers : undefined;
    },
    { daemons: controlPlane.daemons, timeoutMs: 90_000 },
  );
  if (isCoordinated)
    await until("both coordinators are ready", () => route.addresses.length === 2, {
      timeoutMs: 30_000,
    });
  const whole = first.map(({ text }) => text).join("\n");
  const judge = new Judge(whole, { isCoordinated });
  const lives = new Map<string, Life>();
  const wholeJudge = new WholeJudge(whole, lives);
  console.error(`${judge.expectedSamples} samples of objects that stay`);

  await using history = new PodHistory(controlPlane);
  await using proxy = await ServiceProxy.start(route, 8080);
  await using prometheus = values.prometheus ? await startPrometheus(proxy.host) : undefined;
  const rounds = new Rounds({
    kubelet,
    judge,
    wholeJudge,
    isCoordinated,
    isVerbose: values.verbose,
  });
  const stopping = new AbortController();
  const started = performance.now();
  const { signal } = stopping;
  const churning = churnLoad(controlPlane, { perSecond: 20, lives, signal });
  const scraping = isCoordinated ? scrapeService(route, wholeJudge, signal) : undefined;

  const scaleTo = (replicas: number): Promise<string> =>
    controlPlane.kubectl(
      `scale statefulset/${statefulset} --namespace=${namespace} --replicas=${replicas}`,
    );
  let before = firstCount;
  for (const replicas of laterCounts) {
    await scaleTo(replicas);
    // Over when the layout is in force and the pods that are scaled away are gone.
    await rounds.watch(
      { name: `${before} to ${replicas}`, absenceCounts: true, replicas },
      ({ answers }) =>
        inForce(answers, replicas, isCoordinated) && workersOf(kubelet).length === replicas,
    );
    before = replicas;
  }
  if (values.restart) {
    const old = new Set(workersOf(kubelet).map(({ pod }) => pod.metadata.uid));
    await controlPlane.kubectl(
      `rollout restart statefulset/${statefulset} --namespace=${namespace}`,
    );
    await rounds.watch(
      { name: "rollout restart", absenceCounts: false, replicas: lastCount },
      ({ answers }) =>
        inForce(answers, lastCount, isCoordinated) && answers.every(({ uid }) => !old.has(uid)),
    );
  }
  const kills: KillReport[] = [];
  if (values.kills) {
    const stage = { client: controlPlane, kubelet, rounds, wholeJudge, route, replicas: lastCount };
    // The first one is also the one that plans.
    kills.push(await killWorker(stage, 0));
    kills.push(await killCoordinator(stage));
    if (values.long) {
      kills.push(await killWorker(stage, lastCount - 1));
      await killDuringChange(stage, scaleTo);
    }
    for (const kill of kills) console.error(JSON.stringify(kill));
  }
  const uncoordinated = isCoordinated
    ? undefined
    : await applyPrintedRole(controlPlane, kubelet, { rounds, replicas: lastCount });
  stopping.abort();
  const changes = await churning;
  await scraping;
  const seconds = (performance.now() - started) / 1_000;
  if (values.verbose)
    for (const pod of [...workersOf(kubelet), ...coordinatorsOf(kubelet)])
      console.error(pod.container()?.tail(500) ?? "");
  const report: AutoshardingReport = {
    expectedSamples: judge.expectedSamples,
    changesPerSecond: Math.round(changes / seconds),
    steps: rounds.steps,
    kills,
    prometheus:
      prometheus &&
      (await judgePrometheus(prometheus, history, {
        steadySeries: judge.expectedSamples,
        refusedConnections: proxy.refused,
      })),
    uncoordinated,
  };
  console.log(JSON.stringify(report));
} finally {
  await rm(image.root, { recursive: true, force: true });
}
