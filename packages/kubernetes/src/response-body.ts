/** What pauses, resumes and cuts the connection a body comes from. */
export interface BodySource {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** A body as it comes. */
export interface StreamBody extends AsyncIterable<Buffer> {
  /**
   * From now on chunks may come up to so many milliseconds later, together: after each turn of the event loop that brought
   * little, the connection is left alone for that long. Waking up for an event and reading it costs more than deciding that it
   * is another shard's. Absent where it cannot be done.
   */
  gather?(restMs: number): void;
}

// One socket read is at most 64 KiB: a few of them keep the decoder busy without holding much.
const HIGH_WATER = 256 * 1024;
const LOW_WATER = 64 * 1024;
// Less than this in one turn of the event loop is worth waiting for more.
const LITTLE = 32 * 1024;

/** A response body as chunks, for one consumer. The connection is paused while more than 256 KiB wait to be read. */
export class ResponseBody implements StreamBody, AsyncIterableIterator<Buffer> {
  readonly #source: BodySource;
  #restMs = 0;
  /** Bytes that came in this turn of the event loop. */
  #turnBytes = 0;
  #resting: NodeJS.Timeout | undefined;
  #chunks: Buffer[] = [];
  #first = 0;
  #queued = 0;
  #paused = false;
  #ended = false;
  #error: unknown;
  #waiting: PromiseWithResolvers<IteratorResult<Buffer, undefined>> | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  gather(restMs: number): void {
    this.#restMs = restMs;
  }

  push(chunk: Buffer): void {
    if (this.#restMs > 0 && this.#resting === undefined) this.#gathered(chunk.length);
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      return waiting.resolve({ done: false, value: chunk });
    }
    this.#chunks.push(chunk);
    this.#queued += chunk.length;
    if (this.#paused || this.#queued < HIGH_WATER) return;
    this.#paused = true;
    this.#source.pause();
  }

  #gathered(bytes: number): void {
    if (this.#turnBytes === 0) setImmediate(this.#turnEnded);
    this.#turnBytes += bytes;
  }

  readonly #turnEnded = (): void => {
    const little = this.#turnBytes < LITTLE;
    this.#turnBytes = 0;
    if (!little || this.#ended) return;
    if (!this.#paused) this.#source.pause();
    this.#resting = setTimeout(this.#rested, this.#restMs);
  };

  readonly #rested = (): void => {
    this.#resting = undefined;
    if (!this.#paused && !this.#ended) this.#source.resume();
  };

  end(): void {
    clearTimeout(this.#resting);
    this.#ended = true;
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
  }

  fail(error: unknown): void {
    clearTimeout(this.#resting);
    this.#ended = true;
    this.#error = error;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    const chunk = this.#chunks[this.#first];
    if (chunk !== undefined) {
      this.#taken(chunk);
      return Promise.resolve({ done: false, value: chunk });
    }
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
    this.#chunks = [];
    this.#first = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  #taken(chunk: Buffer): void {
    this.#first += 1;
    this.#queued -= chunk.length;
    if (this.#first === this.#chunks.length) {
      this.#chunks = [];
      this.#first = 0;
    }
    if (!this.#paused || this.#queued > LOW_WATER) return;
    this.#paused = false;
    if (this.#resting === undefined) this.#source.resume();
  }
}
