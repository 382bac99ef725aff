import type { Clock, Slices } from "@kube-state-mosaic/kubernetes";

/** Told what a queue does, for metrics; times in seconds. */
interface QueueObserver {
  onAdd(): void;
  onDone(waited: number, worked: number): void;
}

export interface WorkQueueOptions {
  readonly process: (key: string) => void;
  readonly clock: Clock;
  /** Shared with the reflectors, so that together they leave the event loop to others. */
  readonly slices: Slices;
  readonly observer?: QueueObserver | undefined;
}

/**
 * Keys to be processed, each waiting at most once: what happens to one object in a burst is answered once, with its last state.
 * Nothing is processed before `start`.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** With the time each was added. */
  readonly #waiting = new Map<string, number>();
  #state: "new" | "idle" | "draining" | "stopped" = "new";
  #onIdle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get depth(): number {
    return this.#waiting.size;
  }

  /** Started, and everything added so far is done. */
  get idle(): boolean {
    return this.#state === "idle" && this.#waiting.size === 0;
  }

  add(key: string): void {
    if (this.#waiting.has(key) || this.#state === "stopped") return;
    this.#waiting.set(key, this.#options.clock.now());
    this.#options.observer?.onAdd();
    if (this.#state === "idle") void this.#drain();
  }

  /** `onDrained` is called once, when what is waiting now has been processed. */
  start(onDrained: () => void): void {
    if (this.#state !== "new") return;
    this.#onIdle = onDrained;
    void this.#drain();
  }

  stop(): void {
    this.#state = "stopped";
    this.#waiting.clear();
  }

  async #drain(): Promise<void> {
    const { process, clock, slices, observer } = this.#options;
    this.#state = "draining";
    // Whatever else arrives in this turn of the event loop joins in.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [key, added] of this.#waiting) {
      const pause = slices.pause();
      if (pause !== undefined) await pause;
      if (this.#stopped()) return;
      const started = clock.now();
      // Taken out first: a key added while it is processed is processed again.
      this.#waiting.delete(key);
      process(key);
      observer?.onDone((started - added) / 1000, (clock.now() - started) / 1000);
    }
    if (this.#stopped()) return;
    this.#state = "idle";
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  #stopped(): boolean {
    return this.#state === "stopped";
  }
}
