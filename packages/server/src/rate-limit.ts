import type { Place, YamlReader } from "./yaml-section.ts";

export interface RateLimit {
  /** Milliseconds in which one more request is allowed. */
  readonly interval: number;
  /** Requests allowed at once. */
  readonly burst: number;
}

/** A bucket of tokens for all clients of a server together: full at first, one more each interval, one taken per request. */
export class TokenBucket {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** `now` is in milliseconds and never goes back. */
  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
    this.#tokens = limit.burst;
    this.#filledAt = now();
  }

  take(): boolean {
    const now = this.#now();
    const { interval, burst } = this.#limit;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#filledAt) / interval);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** Reads `rate_limit`; undefined where it is off. */
export function readRateLimit(reader: YamlReader, place: Place): RateLimit | undefined {
  const { interval = 0, burst = 0 } = reader.section(place, {
    interval: (value) => {
      const text = reader.text(value);
      if (text === undefined) return undefined;
      const milliseconds = durationOf(text);
      if (milliseconds !== undefined) return milliseconds;
      return reader.problem(value, `"${text}" is not a duration such as 1s or 500ms`);
    },
    burst: (value) => reader.count(value),
  });
  return interval > 0 ? { interval, burst } : undefined;
}

const unitsInMs: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Milliseconds of a duration in Go's syntax; a number without a unit is nanoseconds. */
function durationOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1e-6;
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g;
  if (text.replace(part, "") !== "") return undefined;
  let sum = 0;
  for (const [, amount, unit = ""] of text.matchAll(part))
    sum += Number(amount) * (unitsInMs.get(unit) ?? 0);
  return sum;
}
