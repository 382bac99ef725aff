import type { Logger } from "@kube-state-mosaic/telemetry";

/** How a worker's clock stood against this one, by one fetch. */
export interface ClockReading {
  /** Positive: the worker's is ahead. */
  readonly seconds: number;
  /** The true difference is at most this far from it: half of the round trip. */
  readonly within: number;
}

/** Workers change the layout they answer by their own clocks: what these differ, direct scrapes are of two layouts. */
const limitSeconds = 0.25;

/** What a worker says its time is: Unix seconds with a fraction; undefined for anything else. */
export function readTime(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,12}(\.\d{1,9})?$/.test(header)
    ? Number(header)
    : undefined;
}

/** The clocks of the workers, by ordinal. One that is wrong is warned of once, until it has been right again. */
export class ClockSkew {
  readonly #logger: Logger;
  readonly #readings = new Map<string, ClockReading>();
  readonly #wrong = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  take(ordinal: string, reading: ClockReading): void {
    const { seconds, within } = reading;
    this.#readings.set(ordinal, reading);
    if (Math.abs(seconds) <= limitSeconds) this.#wrong.delete(ordinal);
    // A slow answer must not pass for a wrong clock.
    if (Math.abs(seconds) - within <= limitSeconds || this.#wrong.has(ordinal)) return;
    this.#wrong.add(ordinal);
    this.#logger.warn(
      "a worker's clock differs from the coordinator's: when the layout changes, direct scrapes of the shards are of two layouts for so long",
      { shard: ordinal, aheadSeconds: seconds.toFixed(3) },
    );
  }

  /** By the newest fetch; undefined before the first, and for workers that do not tell their time. */
  seconds(ordinal: string): number | undefined {
    return this.#readings.get(ordinal)?.seconds;
  }
}
