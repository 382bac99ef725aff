import type { Clock } from "@kube-state-mosaic/kubernetes";

/** Time that passes only when told to. */
export class ManualClock implements Clock {
  #time = 0;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#time;
  }

  wall(): number {
    return 1_700_000_000_000 + this.#time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#time + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end);
      const next = due.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.run();
    }
    this.#time = end;
  }
}
