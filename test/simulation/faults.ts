import type { LayoutState } from "@kube-state-mosaic/sharding";
import type { Coordinator } from "./coordinator.ts";
import type { Worker, World } from "./worker.ts";

interface Fault {
  readonly name: string;
  /** It lasts until the end. */
  readonly lasts?: true;
  /** Does it; what it returns undoes it. Undefined if there is nothing to be done to. */
  start(): (() => void) | undefined;
}

/** Faults at random until `end`, when all are over. */
export function startFaults(world: World, coordinators: readonly Coordinator[], end: number): void {
  const { timeline, random, log } = world;
  const faults = faultsOf(world, coordinators);
  const pause = random.between(4_000, 25_000);
  timeline.every(
    () => random.between(0.3, 1.7) * pause,
    () => timeline.now >= end,
    () => {
      const fault = random.pick(faults);
      const undo = fault.start();
      if (undo === undefined) return;
      log(`fault: ${fault.name}`);
      const rest = end - timeline.now;
      const length = fault.lasts ? rest : Math.min(random.between(2_000, 60_000), rest);
      timeline.after(length, undo);
    },
  );
}

function faultsOf(world: World, coordinators: readonly Coordinator[]): Fault[] {
  const { registry, statefulSet, checks, random, timeline } = world;
  const nothing = (): void => {};
  const history: LayoutState[] = [];
  const remember = registry.onWrite;
  registry.onWrite = (before, after) => {
    remember(before, after);
    history.push(after);
  };
  const someone = (): Worker | undefined =>
    checks.living.length === 0 ? undefined : random.pick(checks.living);

  return [
    {
      name: "a worker crashes",
      start: () => {
        const worker = someone();
        if (worker === undefined) return undefined;
        crash(world, worker);
        return nothing;
      },
    },
    {
      name: "a pod is evicted",
      start: () => {
        const worker = someone();
        if (worker === undefined) return undefined;
        statefulSet.evict(worker.pod);
        return nothing;
      },
    },
    {
      name: "the node of the first workers is lost",
      lasts: true,
      start: () => {
        // Rare: not much happens after it.
        if (random.chance(0.7)) return undefined;
        const back = loseNode(world, random.whole(1, 3));
        return back.length === 0 ? undefined : () => back.forEach((start) => start());
      },
    },
    {
      name: "a worker is cut off from the API server",
      start: () => {
        const worker = someone();
        if (worker === undefined || worker.cut) return undefined;
        setCut(worker, true);
        return () => setCut(worker, false);
      },
    },
    {
      name: "a watch expires",
      start: () => {
        const worker = someone();
        if (worker === undefined) return undefined;
        random.pick(worker.stores).expire();
        return nothing;
      },
    },
    {
      name: "the registry is down",
      start: () => {
        if (registry.down) return undefined;
        registry.down = true;
        return () => {
          registry.down = false;
        };
      },
    },
    {
      name: "deliveries of the registry are slow",
      start: () => {
        registry.slowness = 5_000;
        return () => {
          registry.slowness = 300;
        };
      },
    },
    {
      name: "the layout is lost or goes back",
      start: () => {
        // Rare: each costs an epoch.
        if (history.length === 0 || registry.damages > 0 || random.chance(0.6)) return undefined;
        registry.damageLayout(random.chance(0.5) ? undefined : random.pick(history));
        return nothing;
      },
    },
    {
      name: "the controller pauses",
      start: () => {
        statefulSet.paused = true;
        return () => {
          statefulSet.paused = false;
        };
      },
    },
    {
      name: "a coordinator cannot reach a worker",
      start: () => {
        const ordinal = String(random.whole(0, 4));
        const coordinator = random.pick(coordinators);
        coordinator.unreachable.add(ordinal);
        return () => coordinator.unreachable.delete(ordinal);
      },
    },
    {
      name: "a coordinator is cut off from the registry",
      start: () => {
        const coordinator = random.pick(coordinators);
        coordinator.cut = true;
        return () => {
          coordinator.cut = false;
        };
      },
    },
    {
      name: "two faults at once: a crash during slow deliveries",
      start: () => {
        const worker = someone();
        if (worker === undefined) return undefined;
        registry.slowness = 3_000;
        timeline.after(random.between(100, 3_000), () => crash(world, worker));
        return () => {
          registry.slowness = 300;
        };
      },
    },
  ];
}

/** The container ends without a word, and is started again in the same pod. */
function crash(world: World, worker: Worker): void {
  if (worker.exited) return;
  const { timeline, random } = world;
  const start = kill(world, worker);
  timeline.after(random.between(1_000, 8_000), start);
}

/**
 * The first workers end without a word, and nobody starts them or creates others in their place, since their pods still exist.
 * Answers what starts each of them again.
 */
export function loseNode(world: World, count: number): (() => void)[] {
  return world.checks.living
    .filter(({ ordinal }) => Number(ordinal) < count)
    .map((worker) => kill(world, worker));
}

/** Answers what starts it again in the same pod. */
function kill({ statefulSet }: World, worker: Worker): () => void {
  const { pod } = worker;
  worker.kill();
  return () => {
    if (pod.killedAt === undefined && pod.process === worker) pod.process = statefulSet.start(pod);
  };
}

function setCut(worker: Worker, cut: boolean): void {
  worker.cut = cut;
  for (const store of worker.stores) store.cut = cut;
}
