import type { Backoff } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import type { Failure } from "./failure.ts";
import type { RelistReason } from "./reflector-observer.ts";
import type { Step } from "./step.ts";

const WITHOUT_WATCH_MS = 10 * 60_000;
const REPEAT_MS = 60_000;
const STATUS_FAILURES = 4;
const RAPID_MS = 1_000;

/**
 * What follows a watch that failed. The resume point outlives every failure of the connection, so that an outage does not end in a
 * storm of lists; a list follows only an expired version, the fourth refusal in a row, a second unreadable frame within a minute, or ten
 * minutes without a working watch.
 */
export class WatchPolicy {
  readonly #clock: Pick<Clock, "now">;
  readonly #backoff: Backoff;
  readonly #onRelist: (reason: RelistReason) => void;
  #refusals = 0;
  #workedAt: number;
  #brokenAt = Number.NEGATIVE_INFINITY;
  #expiredAt = Number.NEGATIVE_INFINITY;
  #unreadableAt = Number.NEGATIVE_INFINITY;

  constructor(options: {
    clock: Pick<Clock, "now">;
    backoff: Backoff;
    onRelist: (reason: RelistReason) => void;
  }) {
    this.#clock = options.clock;
    this.#backoff = options.backoff;
    this.#onRelist = options.onRelist;
    this.#workedAt = options.clock.now();
  }

  /** A watch brought something, or a list was completed. */
  worked(): void {
    this.#backoff.worked();
    this.#refusals = 0;
    this.#workedAt = this.#clock.now();
  }

  /** `worked`: this watch had brought something before it failed. `from`: the resume point. */
  after(failure: Failure, { from, worked }: { from: string; worked: boolean }): Step {
    const resume: Step = { do: "watch", from };
    switch (failure.kind) {
      case "expired": {
        const repeated = this.#within(this.#expiredAt, REPEAT_MS);
        this.#expiredAt = this.#clock.now();
        const list = this.relist("expired", from);
        return repeated ? this.later(failure, list) : list;
      }
      case "unreadable": {
        const repeated = this.#within(this.#unreadableAt, REPEAT_MS);
        this.#unreadableAt = this.#clock.now();
        return repeated ? this.later(failure, this.relist("unreadable", from)) : resume;
      }
      case "cut":
        return resume;
      case "throttled":
        return this.later(failure, resume);
      case "connection":
        return this.#afterBroken(failure, { from, worked });
      case "too-large":
      case "not-acceptable":
      case "status":
        this.#refusals += 1;
        if (this.#refusals < STATUS_FAILURES) return this.later(failure, resume);
        this.#refusals = 0;
        return this.later(failure, this.relist("status", from));
    }
  }

  relist(reason: RelistReason, atLeast: string | undefined): Step {
    this.#onRelist(reason);
    return { do: "list", atLeast };
  }

  later(failure: Failure, next: Step): Step {
    return { do: "wait", ms: this.#backoff.next(failure.retryAfterSeconds), next };
  }

  #afterBroken(failure: Failure, { from, worked }: { from: string; worked: boolean }): Step {
    const resume: Step = { do: "watch", from };
    // One that breaks again and again right after its first event is no better than one that never opens.
    const again = this.#within(this.#brokenAt, RAPID_MS);
    this.#brokenAt = this.#clock.now();
    if (worked && !again) return resume;
    if (this.#within(this.#workedAt, WITHOUT_WATCH_MS)) return this.later(failure, resume);
    this.#workedAt = this.#clock.now();
    return this.later(failure, this.relist("unreachable", from));
  }

  #within(since: number, ms: number): boolean {
    return this.#clock.now() - since < ms;
  }
}
