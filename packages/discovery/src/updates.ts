import type { Clock } from "@kube-state-mosaic/kubernetes";

export interface UpdatesOptions {
  /** Offers the complete state; false when the receiver is still busy with an earlier one. */
  readonly offer: () => boolean;
  readonly clock: Clock;
  /** Values in [0, 1). */
  readonly random: () => number;
}

const firstMs = 100;
const longestMs = 5_000;
const growth = 1.5;

/**
 * Coalesces changes: after 5 s of quiet a change is offered within about 150 ms; under continuous changes offers become rarer,
 * to about one in 5 s. `trigger` never waits, and nothing is lost, since each offer is of the whole state.
 */
export class Updates {
  readonly #options: UpdatesOptions;
  #triggered = false;
  #intervalMs = firstMs;
  #lastSent: number;
  #cancel: (() => void) | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#lastSent = options.clock.now() - longestMs;
  }

  trigger(): void {
    this.#triggered = true;
  }

  start(): void {
    const { clock, random } = this.#options;
    const delay = this.#intervalMs * (0.5 + random());
    this.#intervalMs = Math.min(this.#intervalMs * growth, longestMs);
    this.#cancel = clock.after(delay, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #look(): void {
    const { offer, clock } = this.#options;
    if (this.#triggered) {
      this.#triggered = false;
      if (offer()) this.#lastSent = clock.now();
      else this.#triggered = true;
    }
    if (clock.now() - this.#lastSent > longestMs) this.#intervalMs = firstMs;
  }
}
