import type { LayoutState } from "@kube-state-mosaic/sharding";
import { Checks, type Violation } from "./checks.ts";
import { Resource } from "./cluster.ts";
import { Coordinator } from "./coordinator.ts";
import { loseNode, startFaults } from "./faults.ts";
import { Random } from "./random.ts";
import { Registry } from "./registry.ts";
import { StatefulSet } from "./stateful-set.ts";
import { Timeline } from "./timeline.ts";
import type { Variant } from "./variant.ts";
import { Worker, type World } from "./worker.ts";

export interface SimulationOptions {
  readonly seed: number;
  readonly variant?: Variant;
  /** Without it everything is random; with it there are no faults. */
  readonly script?: Script;
  /** Called with each line of a trace. */
  readonly trace?: (line: string) => void;
}

/** Numbers of replicas, the first one at the beginning. */
export interface Script {
  readonly ordered: boolean;
  readonly replicas: readonly number[];
  /** Milliseconds between two changes. */
  readonly pause: number;
  /** So many of the first workers are lost for good when everything is up; the others have to go on without them. */
  readonly lost?: number;
}

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly answers: number;
  /** Answers with old blocks, or with a change that was not proven. */
  readonly flagged: number;
  /** 503 after the first answer. */
  readonly refused: number;
  readonly epochs: number;
  /** Seconds. */
  readonly duration: number;
}

/** How long after the last fault everything has to be as desired, in milliseconds: starts, lists and graces one after another. */
const patience = 300_000;

/** One cluster with everything that happens to it, decided by the seed alone. */
export function simulate(options: SimulationOptions): Outcome {
  const { seed, variant = "protocol", script, trace } = options;
  const random = new Random(seed);
  const timeline = new Timeline();
  const log = (text: string): void => trace?.(`${(timeline.now / 1_000).toFixed(3)} ${text}`);
  const checks = new Checks(timeline, log);
  const registry = new Registry(timeline, random);
  const calm = script !== undefined || seed % 4 === 0;
  const end =
    script === undefined
      ? random.between(70_000, 130_000)
      : 50_000 + script.pause * (script.replicas.length - 1);
  const faulty = (): boolean => !calm && timeline.now < end;
  const slowLists = !calm && random.chance(0.3);
  const startup = (): number => random.between(500, faulty() ? 12_000 : 3_000);
  const statefulSet = new StatefulSet(timeline, random, {
    ordered: script?.ordered ?? random.chance(0.5),
    replicas: script?.replicas[0] ?? random.whole(1, 5),
    termination: calm || random.chance(0.7) ? 600_000 : random.pick([20_000, 60_000]),
    startup,
  });
  const world: World = {
    timeline,
    random,
    registry,
    statefulSet,
    resources: [new Resource("pods"), new Resource("jobs")],
    checks,
    variant,
    faulty,
    listTime: () => random.between(100, slowLists ? 20_000 : 4_000),
    log,
  };
  const epochs = new Set<number>();
  registry.onWrite = (before, after) => {
    for (const layout of [after.active, after.pending])
      if (layout !== undefined) epochs.add(layout.epoch);
    checks.written(before, after);
    log(describe(after));
  };
  statefulSet.start = (pod) => {
    const worker = new Worker(world, pod);
    checks.workers.push(worker);
    return worker;
  };

  let churning = true;
  for (const resource of world.resources)
    for (let count = 0; count < 20; count++) resource.churn(random, 14, 0);
  timeline.every(
    () => random.between(100, 900),
    () => !churning,
    () => random.pick(world.resources).churn(random, 14, timeline.now),
  );
  const coordinators = [
    new Coordinator(world, "coordinator a"),
    new Coordinator(world, "coordinator b"),
  ];
  if (script === undefined) scheduleScaling(world, end);
  else follow(script, world);
  if (!calm) startFaults(world, coordinators, end);
  watchInstants(world);

  timeline.runUntil(end);
  const lost = script?.lost ?? 0;
  const desired = (): boolean => isSettled(world, lost);
  const settled = runUntil(
    timeline,
    end + patience,
    () => desired() || checks.violations.length > 3,
  );
  if (!settled && checks.violations.length === 0)
    checks.fail(8, `not as desired after the last fault: ${describe(registry.layout.state)}`);
  timeline.runUntil(timeline.now + 45_000);
  churning = false;
  timeline.runUntil(timeline.now + 20_000);
  if (lost === 0) checkEnd(world, coordinators);
  if (epochs.size > 1 + 2 * statefulSet.changes + 2 * registry.damages)
    checks.fail(7, `${epochs.size} epochs for ${statefulSet.changes} changes`);
  const refused = coordinators.reduce((sum, one) => sum + one.refused, 0);
  const flagged = coordinators.reduce((sum, one) => sum + one.flagged, 0);
  if (calm && lost === 0 && flagged > 0 && checks.restarts === 0)
    checks.fail(9, `${flagged} answers are flagged without any fault`);
  return {
    violations: checks.violations,
    answers: coordinators.reduce((sum, one) => sum + one.answers, 0),
    flagged,
    refused,
    epochs: epochs.size,
    duration: timeline.now / 1_000,
  };
}

/** The first change comes when everything is up. */
function follow({ replicas, pause, lost = 0 }: Script, world: World): void {
  const { timeline, statefulSet, log } = world;
  if (lost > 0) timeline.after(44_000, () => loseNode(world, lost));
  replicas.slice(1).forEach((count, index) => {
    timeline.after(45_000 + index * pause, () => {
      log(`scaled to ${count}`);
      statefulSet.scale(count);
    });
  });
}

/** One to three changes, some of them in quick succession: 2 → 5 → 3, 5 → 3 → 5. */
function scheduleScaling({ timeline, random, statefulSet, log }: World, end: number): void {
  let time = random.between(15_000, 40_000);
  const quick = random.chance(0.5);
  for (let change = random.whole(1, 3); change > 0 && time < end; change--) {
    timeline.after(time, () => {
      const replicas = random.whole(1, 5);
      if (replicas === statefulSet.state.replicas) return;
      log(`scaled from ${statefulSet.state.replicas} to ${replicas}`);
      statefulSet.scale(replicas);
    });
    time += quick ? random.between(500, 15_000) : random.between(10_000, 60_000);
  }
}

function watchInstants({ timeline, random, registry, checks }: World): void {
  timeline.every(
    () => random.between(1_000, 3_000),
    () => false,
    () => {
      const { state } = registry.layout;
      if (state !== undefined) checks.instant(state, registry.damages > 0);
      const { living } = checks;
      if (living.length > 0) checks.store(random.pick(living));
    },
  );
}

function runUntil(timeline: Timeline, limit: number, isOver: () => boolean): boolean {
  while (timeline.now < limit) {
    if (isOver()) return true;
    timeline.runUntil(timeline.now + 1_000);
  }
  return isOver();
}

/** The desired layout is active, nothing is pending, and everybody serves it but the first workers that are lost. */
function isSettled({ registry, statefulSet, checks, timeline }: World, lost: number): boolean {
  const { state } = registry.layout;
  if (state === undefined || state.pending !== undefined) return false;
  if (state.active.members.length !== statefulSet.state.replicas) return false;
  if (timeline.now < state.active.activateAt + 2_000) return false;
  for (const pod of statefulSet.pods.values()) if (pod.killedAt !== undefined) return false;
  const expected = state.active.members.filter((ordinal) => Number(ordinal) >= lost);
  return expected.every((ordinal) =>
    checks.living.some(
      (worker) => worker.ordinal === ordinal && worker.isSynced(state.active.epoch),
    ),
  );
}

function checkEnd(world: World, coordinators: readonly Coordinator[]): void {
  const { registry, checks, resources } = world;
  const { state } = registry.layout;
  if (state === undefined || checks.violations.length > 0) return;
  const alive = resources.flatMap((resource) => [...resource.alive]);
  for (const { answer } of coordinators) {
    if (answer === undefined || answer.epoch !== state.active.epoch)
      checks.fail(8, `a coordinator serves ${answer?.epoch} instead of ${state.active.epoch}`);
    else if (answer.stale.length > 0 || answer.rows.size !== alive.length)
      checks.fail(8, `the last answer has ${answer.rows.size} of ${alive.length} objects`);
  }
  for (const worker of checks.living) {
    const rows = worker.stores.reduce((sum, store) => sum + store.rows.size, 0);
    const own = worker.rowsOf(state.active.epoch).length;
    if (rows !== own) checks.fail(10, `worker ${worker.ordinal} keeps ${rows} rows, of ${own}`);
  }
}

function describe(state: LayoutState | undefined): string {
  if (state === undefined) return "no layout";
  const { active, pending } = state;
  const next =
    pending === undefined ? "" : `, pending ${pending.epoch} of ${pending.members.join()}`;
  return `active ${active.epoch} of ${active.members.join()}${next}`;
}
