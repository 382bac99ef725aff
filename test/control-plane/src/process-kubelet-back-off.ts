const firstMs = 10_000;
const longestMs = 300_000;
/** A container that has run for so long begins anew. */
const forgottenMs = 600_000;

/**
 * How long a kubelet waits before it starts a container again that has ended: not at all the first time, then 10 s, twice as long each
 * time, at most 5 minutes. Times in milliseconds.
 */
export class BackOff {
  #nextMs = 0;

  /** `ranMs`: how long it has run this time. */
  delayMs(ranMs: number): number {
    if (ranMs >= forgottenMs) this.#nextMs = 0;
    const delay = this.#nextMs;
    this.#nextMs = Math.min(longestMs, Math.max(firstMs, 2 * delay));
    return delay;
  }
}
