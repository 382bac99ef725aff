import type {
  ControlPlaneClient,
  ProcessKubelet,
  RunningPod,
} from "@kube-state-mosaic/control-plane";
import {
  type Round,
  type Rounds,
  coordinatorsOf,
  inForce,
  workersOf,
} from "./autosharding-rounds.ts";
import type { Statement, WholeJudge } from "./autosharding-whole-judge.ts";
import type { ServiceRoute } from "./service-route.ts";

/** What became of a process that was killed with SIGKILL. Milliseconds from the signal. */
export interface KillReport {
  readonly pod: string;
  /** The pod stayed, and its container was started again as often. */
  readonly sameUid: boolean;
  readonly restarts: number;
  /** As the API server has it: how it ended. */
  readonly exitCode: number | undefined;
  /** Of a worker: until a scrape of it was answered again. Of a coordinator: until its Service led to it again. */
  readonly awayMs: number;
  /** When a coordinator first said that something was not complete, and when the last did; undefined if none did. */
  readonly incompleteFromMs: number | undefined;
  readonly incompleteToMs: number | undefined;
  readonly reasons: readonly string[];
  /** Answers while it was certainly away: those that said so, with the reason `stale`, and the others. */
  readonly saidStale: number;
  readonly saidOtherwise: number;
}

interface Stage {
  readonly client: ControlPlaneClient;
  readonly kubelet: ProcessKubelet;
  readonly rounds: Rounds;
  readonly wholeJudge: WholeJudge;
  readonly route: ServiceRoute;
  readonly replicas: number;
}

/** A coordinator answers for so long with what it has fetched. */
const shareMs = 1_000;
/** Everything has been well for so long. */
const quietMs = 2_500;
/** What is not well by then is told as it is. */
const patienceMs = 30_000;

/** Kills the process of a worker. Over when all members answer, and coordinators have said for a while that all is complete, or did not within 30 s. */
export async function killWorker(stage: Stage, ordinal: number): Promise<KillReport> {
  const { kubelet, rounds, replicas, wholeJudge } = stage;
  const pod = workersOf(kubelet).find(({ pod: { metadata } }) =>
    metadata.name.endsWith(`-${ordinal}`),
  );
  const { name, killedAt } = kill(pod);
  let awayUntil = killedAt;
  let backAt: number | undefined;
  const step = { name: `kill -9 of ${name}`, absenceCounts: false, replicas };
  await rounds.watch(step, ({ at, answers }: Round) => {
    const answer = answers.find((one) => one.pod === name);
    const isBack = answer?.status === 200 && answer.shard !== undefined;
    if (!isBack) awayUntil = at;
    else if (awayUntil > killedAt) backAt ??= at;
    if (backAt === undefined || !inForce(answers, replicas)) return false;
    const isWell = at > backAt + quietMs && isWellSince(wholeJudge.statements, at - quietMs);
    return isWell || at > backAt + patienceMs;
  });
  const away = wholeJudge.statements.filter(
    ({ begunAt, endedAt }) => begunAt > killedAt + shareMs && endedAt < awayUntil,
  );
  return {
    ...(await seen(stage, pod)),
    ...incompleteness(wholeJudge.statements, killedAt),
    awayMs: Math.round((backAt ?? Number.NaN) - killedAt),
    saidStale: away.filter(({ reasons }) => reasons.includes("stale")).length,
    saidOtherwise: away.filter(({ reasons }) => !reasons.includes("stale")).length,
  };
}

/** Kills the process of a coordinator. Over when its Service has led to it again for a while. */
export async function killCoordinator(stage: Stage): Promise<KillReport> {
  const { kubelet, rounds, replicas, wholeJudge, route } = stage;
  const [pod] = coordinatorsOf(kubelet);
  const { name, killedAt } = kill(pod);
  let wasAway = false;
  let backAt: number | undefined;
  const step = { name: `kill -9 of ${name}`, absenceCounts: true, replicas };
  await rounds.watch(step, ({ at }) => {
    const isThere = pod !== undefined && route.addresses.includes(pod.address);
    wasAway ||= !isThere;
    if (wasAway && isThere) backAt ??= at;
    return backAt !== undefined && at > backAt + quietMs;
  });
  return {
    ...(await seen(stage, pod)),
    ...incompleteness(wholeJudge.statements, killedAt),
    awayMs: Math.round((backAt ?? Number.NaN) - killedAt),
    saidStale: 0,
    saidOtherwise: 0,
  };
}

/**
 * One replica more, and while the layout is changed for it the newcomer's process is killed as soon as it answers anything, and that of
 * a shard that gives slots away as soon as the newcomer is back. Over when the new layout is in force, and all has been well for a while.
 */
export async function killDuringChange(
  stage: Stage,
  scaleTo: (replicas: number) => Promise<unknown>,
): Promise<void> {
  const { kubelet, rounds, wholeJudge, replicas: before } = stage;
  const replicas = before + 1;
  const pod = (ordinal: number): RunningPod | undefined =>
    workersOf(kubelet).find(({ pod: { metadata } }) => metadata.name.endsWith(`-${ordinal}`));
  const killed: string[] = [];
  let inForceAt: number | undefined;
  await scaleTo(replicas);
  const step = { name: `${before} to ${replicas} with kills`, absenceCounts: false, replicas };
  await rounds.watch(step, ({ at, answers }) => {
    const newcomer = answers.find((one) => one.pod === pod(before)?.pod.metadata.name);
    const restarts = pod(before)?.restarts ?? 0;
    if (killed.length === 0 && newcomer?.status !== undefined) killed.push(kill(pod(before)).name);
    else if (killed.length === 1 && restarts === 1 && newcomer?.status !== undefined)
      killed.push(kill(pod(0)).name);
    if (killed.length < 2 || !inForce(answers, replicas)) return false;
    inForceAt ??= at;
    const isWell = at > inForceAt + quietMs && isWellSince(wholeJudge.statements, at - quietMs);
    return isWell || at > inForceAt + patienceMs;
  });
}

function kill(pod: RunningPod | undefined): { name: string; killedAt: number } {
  const process = pod?.container();
  if (pod === undefined || process === undefined) throw new Error("nothing there to be killed");
  process.kill("SIGKILL");
  return { name: pod.pod.metadata.name, killedAt: performance.now() };
}

function isWellSince(statements: readonly Statement[], since: number): boolean {
  const newest = statements.filter(({ endedAt }) => endedAt > since);
  return newest.length > 0 && newest.every(({ reasons }) => reasons.length === 0);
}

function incompleteness(
  statements: readonly Statement[],
  killedAt: number,
): Pick<KillReport, "incompleteFromMs" | "incompleteToMs" | "reasons"> {
  const incomplete = statements.filter(({ reasons }) => reasons.length > 0);
  const ends = incomplete.map(({ endedAt }) => Math.round(endedAt - killedAt));
  return {
    incompleteFromMs: ends.length === 0 ? undefined : Math.min(...ends),
    incompleteToMs: ends.length === 0 ? undefined : Math.max(...ends),
    reasons: [...new Set(incomplete.flatMap(({ reasons }) => reasons))].toSorted(),
  };
}

/** What the API server has of a pod whose process was killed. */
async function seen(
  { client, kubelet }: Stage,
  pod: RunningPod | undefined,
): Promise<Pick<KillReport, "pod" | "sameUid" | "restarts" | "exitCode">> {
  const { name = "", namespace = "", uid = "" } = pod?.pod.metadata ?? {};
  const object = (await client.send(`/api/v1/namespaces/${namespace}/pods/${name}`)) as {
    readonly metadata: { readonly uid: string };
    readonly status: {
      readonly containerStatuses?: readonly {
        readonly restartCount: number;
        readonly lastState?: { readonly terminated?: { readonly exitCode: number } };
      }[];
    };
  };
  const [container] = object.status.containerStatuses ?? [];
  return {
    pod: name,
    sameUid: object.metadata.uid === uid && kubelet.pods.some((one) => one === pod),
    restarts: container?.restartCount ?? 0,
    exitCode: container?.lastState?.terminated?.exitCode,
  };
}
