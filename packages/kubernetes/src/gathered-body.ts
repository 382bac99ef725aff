import type { BodySource, StreamBody } from "./response-body.ts";
import { Rests } from "./rests.ts";

const HIGH_WATER = 256 * 1024;
// What is handed over at once stays in the processor's cache between the two.
const ENOUGH = 64 * 1024;
const SMALLEST = 4 * 1024;

/**
 * A body whose bytes are handed over together: all that one turn of the event loop brought, or 64 KiB of it. For one reader. The
 * connection is paused while more than 256 KiB wait to be read.
 */
export class GatheredBody implements StreamBody, AsyncIterableIterator<Buffer> {
  readonly #source: BodySource;
  #memory: Buffer = Buffer.alloc(0);
  #length = 0;
  #turnBytes = 0;
  /** What the reader has, and what it gave back. */
  #lent: Buffer | undefined;
  #spare: Buffer | undefined;
  #rests: Rests | undefined;
  #full = false;
  #resting = false;
  #ended = false;
  #error: unknown;
  #waiting: PromiseWithResolvers<IteratorResult<Buffer, undefined>> | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  gather(restMs: number): void {
    this.#rests ??= new Rests(restMs, {
      pause: () => this.#rest(true),
      resume: () => this.#rest(false),
    });
  }

  /** Takes over a copy of `bytes[start, end)`. */
  push(bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    if (size === 0 || this.#ended) return;
    if (this.#turnBytes === 0) setImmediate(this.#turnEnded);
    this.#turnBytes += size;
    if (this.#length + size > this.#memory.length) this.#grow(this.#length + size);
    bytes.copy(this.#memory, this.#length, start, end);
    this.#length += size;
    if (this.#length >= ENOUGH) this.#handOver();
    if (this.#full || this.#length < HIGH_WATER) return;
    this.#full = true;
    this.#source.pause();
  }

  end(): void {
    this.#over();
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  fail(error: unknown): void {
    this.#over();
    this.#error = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    this.#spare ??= this.#lent;
    this.#lent = undefined;
    if (this.#length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Leaving a `for await` early cuts the connection: the rest of the body is of no use. */
  return(): Promise<IteratorResult<Buffer, undefined>> {
    if (!this.#ended) {
      this.end();
      this.#source.abort(new Error("the body is not wanted any more"));
    }
    this.#length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  readonly #turnEnded = (): void => {
    const bytes = this.#turnBytes;
    this.#turnBytes = 0;
    if (this.#length > 0) this.#handOver();
    if (!this.#ended) this.#rests?.turnEnded(bytes);
  };

  #rest(resting: boolean): void {
    this.#resting = resting;
    if (this.#full || this.#ended) return;
    if (resting) this.#source.pause();
    else this.#source.resume();
  }

  #over(): void {
    this.#ended = true;
    this.#rests?.stop();
    if (this.#length > 0) this.#handOver();
  }

  #handOver(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    waiting.resolve({ done: false, value: this.#take() });
  }

  #take(): Buffer {
    const memory = this.#memory;
    const chunk = memory.subarray(0, this.#length);
    // Only who gathers gives back, and what is much too large now is let go.
    if (this.#rests !== undefined && this.#length * 8 > memory.length) this.#lent = memory;
    this.#memory = this.#spare ?? Buffer.alloc(0);
    this.#spare = undefined;
    this.#length = 0;
    if (this.#full) {
      this.#full = false;
      if (!this.#resting && !this.#ended) this.#source.resume();
    }
    return chunk;
  }

  #grow(needed: number): void {
    let size = Math.max(SMALLEST, this.#memory.length);
    while (size < needed) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    this.#memory.copy(larger, 0, 0, this.#length);
    this.#memory = larger;
  }
}
