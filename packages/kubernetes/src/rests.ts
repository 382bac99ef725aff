import { systemClock, type Clock } from "./clock.ts";
import type { BodySource } from "./response-body.ts";

// Less than this in one turn of the event loop is worth waiting for more.
const LITTLE = 32 * 1024;
/** How long to look whether more follows what came together. */
const LOOK_MS = 50;
const RESTS_BETWEEN_LOOKS = 16;
// Rests cost a timer: they are for streams that bring this much in a row, not for the event that comes now and then.
const TURNS_BEFORE_REST = 3;

/**
 * When to leave a connection alone, so that what comes meanwhile is read together. It must have been read empty: nothing is held up
 * that is already on its way. A turn of the event loop that brought little has; so has one that brought no more than another
 * did that nothing followed, since the kernel holds at least that much. Otherwise it is read on and looked at. The first two turns
 * after silence are not followed by a rest.
 */
export class Rests {
  readonly #restMs: number;
  readonly #source: Pick<BodySource, "pause" | "resume">;
  readonly #clock: Pick<Clock, "after" | "now">;
  #cancel: (() => void) | undefined;
  #looking = false;
  /** Bytes of the turn that is looked at, and of the largest since. */
  #first = 0;
  #next = 0;
  /** So much came in one turn, and little after it. */
  #whole = LITTLE;
  #count = 0;
  /** Turns of which each came soon after the one before, and when the last one was. */
  #row = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    restMs: number,
    source: Pick<BodySource, "pause" | "resume">,
    clock: Pick<Clock, "after" | "now"> = systemClock,
  ) {
    this.#restMs = restMs;
    this.#source = source;
    this.#clock = clock;
  }

  /** A turn of the event loop that brought so many bytes is over. */
  turnEnded(bytes: number): void {
    if (this.#looking) {
      this.#next = Math.max(this.#next, bytes);
      return;
    }
    if (this.#cancel !== undefined) return;
    const now = this.#clock.now();
    this.#row = now - this.#lastAt <= 2 * this.#restMs ? this.#row + 1 : 1;
    this.#lastAt = now;
    if (bytes < LITTLE) {
      if (this.#row >= TURNS_BEFORE_REST) this.#rest();
      return;
    }
    const known = bytes <= this.#whole && this.#count < RESTS_BETWEEN_LOOKS;
    if (known) return this.#rest();
    this.#look(bytes);
  }

  stop(): void {
    this.#cancel?.();
  }

  #rest(): void {
    this.#count += 1;
    this.#source.pause();
    this.#cancel = this.#clock.after(this.#restMs, this.#rested);
  }

  readonly #rested = (): void => {
    this.#cancel = undefined;
    this.#source.resume();
  };

  #look(bytes: number): void {
    this.#looking = true;
    this.#first = bytes;
    this.#next = 0;
    this.#cancel = this.#clock.after(LOOK_MS, this.#looked);
  }

  readonly #looked = (): void => {
    this.#looking = false;
    this.#cancel = undefined;
    if (this.#next * 2 >= this.#first) {
      this.#whole = LITTLE;
      return this.#look(this.#next);
    }
    this.#count = 0;
    this.#whole = Math.max(this.#whole, this.#first);
    this.#rest();
  };
}
