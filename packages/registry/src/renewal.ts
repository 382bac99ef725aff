import type { Clock } from "@kube-state-mosaic/kubernetes";

const PERIOD_MS = 10_000;
/** A tenth up or down, so that members that start together do not write together. */
const SPREAD = 0.1;
const LEAST_GAP_MS = 200;
const FIRST_RETRY_MS = 1_000;

export interface RenewalOptions {
  readonly clock: Pick<Clock, "now" | "after">;
  /** Values in [0, 1). */
  readonly random: () => number;
  /** Writes what is to be said now; rejects or answers false if that did not work. Never called twice at a time. */
  readonly write: (signal: AbortSignal) => Promise<boolean>;
}

/**
 * When a member writes: every 10 s ± 10 %, after a change at once but never within 200 ms of the last write, and after a
 * failure in 1, 2, 4, 8, 10 s ± 10 %.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  readonly #abort = new AbortController();
  #cancel = (): void => undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #writing: Promise<void> | undefined;
  #changed = false;
  #failures = 0;

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** There is something new to say. After a failure it waits for the retry like everything else. */
  changed(): void {
    this.#changed = true;
    if (this.#writing === undefined && this.#failures === 0) this.#schedule(0);
  }

  /** No write begins afterwards; one that runs is aborted and has ended when this resolves. */
  async stop(): Promise<void> {
    this.#cancel();
    this.#abort.abort();
    await this.#writing;
  }

  #schedule(ms: number): void {
    const { clock } = this.#options;
    this.#cancel();
    if (this.#abort.signal.aborted) return;
    const gap = this.#lastAt + LEAST_GAP_MS - clock.now();
    const due = (): void => {
      this.#writing = this.#write();
    };
    this.#cancel = clock.after(Math.max(ms, gap, 0), due);
  }

  async #write(): Promise<void> {
    const { clock, random, write } = this.#options;
    this.#changed = false;
    this.#lastAt = clock.now();
    const worked = await write(this.#abort.signal).catch(() => false);
    this.#writing = undefined;
    this.#failures = worked ? 0 : this.#failures + 1;
    const spread = 1 - SPREAD + 2 * SPREAD * random();
    if (!worked)
      this.#schedule(Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), PERIOD_MS) * spread);
    else this.#schedule(this.#changed ? 0 : PERIOD_MS * spread);
  }
}
