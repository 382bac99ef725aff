import type { Clock } from "@kube-state-mosaic/kubernetes";
import { pause, retryDelay } from "./pause.ts";

export interface PollOptions {
  readonly clock: Pick<Clock, "after">;
  /** Values in [0, 1). */
  readonly random: () => number;
  readonly periodMs: number;
  /** Rejects if the answer did not come: the next question follows after 1, 2, 4 s, at most the period. */
  readonly ask: () => Promise<void>;
}

/** Asks again and again, and at once when it is poked. */
export class Poll {
  readonly #options: PollOptions;
  #poked = false;
  #wake = new AbortController();

  constructor(options: PollOptions) {
    this.#options = options;
  }

  /** There may be news. While a question is on its way, another one follows it. */
  poke(): void {
    this.#poked = true;
    this.#wake.abort();
  }

  /** Until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, periodMs, ask } = this.#options;
    const stop = (): void => this.#wake.abort();
    signal.addEventListener("abort", stop);
    let failures = 0;
    while (!signal.aborted) {
      this.#poked = false;
      const worked = await ask().then(
        () => true,
        () => false,
      );
      failures = worked ? 0 : failures + 1;
      if (this.#poked) continue;
      this.#wake = new AbortController();
      const delay = worked ? periodMs : Math.min(retryDelay(failures, random), periodMs);
      if (!signal.aborted) await pause(clock, delay, this.#wake.signal);
    }
    signal.removeEventListener("abort", stop);
  }
}
