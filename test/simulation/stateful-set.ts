import type { StatefulSetState } from "@kube-state-mosaic/sharding";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What runs in a pod. */
export interface Process {
  isReady(): boolean;
  /** SIGTERM; killed at the given time. */
  terminate(killedAt: number): void;
  kill(): void;
  readonly exited: boolean;
}

export interface Pod {
  readonly ordinal: string;
  readonly uid: string;
  process: Process | undefined;
  /** When it is killed; undefined while nobody deletes it. */
  killedAt: number | undefined;
}

export interface StatefulSetSettings {
  readonly ordered: boolean;
  readonly replicas: number;
  /** Grace period of its pods, in milliseconds. */
  readonly termination: number;
  /** From creation to the start of the process, in milliseconds. */
  readonly startup: () => number;
}

/** A StatefulSet with its controller and the kubelets: upwards it waits for Ready, downwards for gone, unless it is parallel. */
export class StatefulSet {
  readonly pods: Map<string, Pod> = new Map();
  readonly settings: StatefulSetSettings;
  /** The controller does nothing for a while. */
  paused = false;
  start: (pod: Pod) => Process = () => {
    throw new Error("nothing to start");
  };
  readonly #timeline: Timeline;
  readonly #random: Random;
  readonly #history: { time: number; state: StatefulSetState }[] = [];
  #uids = 0;

  constructor(timeline: Timeline, random: Random, settings: StatefulSetSettings) {
    this.#timeline = timeline;
    this.#random = random;
    this.settings = settings;
    this.scale(settings.replicas);
    timeline.every(
      () => random.between(300, 900),
      () => false,
      () => this.paused || this.#reconcile(),
    );
  }

  get state(): StatefulSetState {
    return this.read(Infinity);
  }

  get changes(): number {
    return this.#history.length - 1;
  }

  /** As it was at a time; before the first one as it was at first. */
  read(time: number): StatefulSetState {
    const entry = this.#history.findLast((candidate) => candidate.time <= time);
    const { state } = entry ?? this.#history[0] ?? { state: undefined };
    if (state === undefined) throw new Error("no StatefulSet");
    return state;
  }

  scale(replicas: number): void {
    const generation = this.#history.length + 1;
    const state = { uid: "set", generation, start: 0, replicas, deleting: false };
    this.#history.push({ time: this.#timeline.now, state });
  }

  /** A pod that is evicted: its successor gets the same ordinal. */
  evict(pod: Pod): void {
    if (pod.killedAt !== undefined) return;
    const killedAt = this.#timeline.now + this.settings.termination;
    pod.killedAt = killedAt;
    this.#timeline.after(this.#random.between(50, 1_000), () => pod.process?.terminate(killedAt));
    this.#timeline.after(this.settings.termination, () => pod.process?.kill());
  }

  #reconcile(): void {
    for (const pod of this.pods.values())
      if (pod.killedAt !== undefined && (pod.process?.exited ?? true))
        this.pods.delete(pod.ordinal);
    const { replicas } = this.state;
    if (this.settings.ordered) this.#reconcileInOrder(replicas);
    else this.#reconcileAtOnce(replicas);
  }

  #reconcileAtOnce(replicas: number): void {
    for (let ordinal = 0; ordinal < replicas; ordinal++)
      if (!this.pods.has(String(ordinal))) this.#create(String(ordinal));
    for (const pod of this.pods.values()) if (Number(pod.ordinal) >= replicas) this.evict(pod);
  }

  #reconcileInOrder(replicas: number): void {
    for (let ordinal = 0; ordinal < replicas; ordinal++) {
      const pod = this.pods.get(String(ordinal));
      if (pod === undefined) return this.#create(String(ordinal));
      if (pod.killedAt !== undefined || pod.process?.isReady() !== true) return;
    }
    const highest = Math.max(...[...this.pods.keys()].map(Number));
    const pod = this.pods.get(String(highest));
    if (highest >= replicas && pod !== undefined) this.evict(pod);
  }

  #create(ordinal: string): void {
    const pod: Pod = {
      ordinal,
      uid: `pod-${this.#uids++}`,
      process: undefined,
      killedAt: undefined,
    };
    this.pods.set(ordinal, pod);
    this.#timeline.after(this.settings.startup(), () => {
      if (pod.killedAt === undefined) pod.process = this.start(pod);
    });
  }
}
