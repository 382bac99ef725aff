import type { Clock } from "./clock.ts";

const FIRST_MS = 800;
const CAP_MS = 30_000;
const QUIET_MS = 2 * 60_000;
const RETRY_AFTER_CAP_MS = 5 * 60_000;

/**
 * Delays of client-go's reflector: d + random[0, d) for d = 0.8, 1.6, … 25.6, 30, 30, … s.
 * They start over only once something worked and two minutes have passed without a failure.
 */
export class Backoff {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: () => number;
  #step = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #workedSince = true;

  /** `random` gives values in [0, 1). */
  constructor(clock: Pick<Clock, "now">, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Milliseconds to wait after a failure; at least what the server asked for, of which at most 5 minutes count. */
  next(retryAfterSeconds: number = 0): number {
    const now = this.#clock.now();
    if (this.#workedSince && now - this.#failedAt >= QUIET_MS) this.#step = 0;
    this.#failedAt = now;
    this.#workedSince = false;
    const delay = Math.min(FIRST_MS * 2 ** this.#step, CAP_MS);
    if (delay < CAP_MS) this.#step += 1;
    const asked = Math.min(retryAfterSeconds * 1000, RETRY_AFTER_CAP_MS);
    return Math.max(asked, delay + this.#random() * delay);
  }

  /** A watch delivered something, or a list was completed. */
  worked(): void {
    this.#workedSince = true;
  }
}
