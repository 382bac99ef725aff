import type { Clock } from "./clock.ts";

const SLICE_MS = 8;

/**
 * Shares the event loop between all reflectors of a process: together they work at most 8 ms in one turn of the loop,
 * so that sockets, scrapes and probes are served however much there is to decode.
 */
export class Slices {
  readonly #clock: Pick<Clock, "now">;
  readonly #waiting: (() => void)[] = [];
  #startedAt: number | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** `undefined` while this turn's time lasts; otherwise a promise to await before going on. */
  pause(): Promise<void> | undefined {
    if (this.#startedAt === undefined) {
      this.#begin();
      return undefined;
    }
    if (this.#clock.now() - this.#startedAt < SLICE_MS) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #begin(): void {
    this.#startedAt = this.#clock.now();
    setImmediate(() => {
      this.#startedAt = undefined;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      // Begun here, so that only one of the waiting goes on in this turn.
      this.#begin();
      next();
    });
  }
}
