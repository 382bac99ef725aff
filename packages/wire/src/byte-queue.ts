import { wireError } from "./wire-error.ts";

const empty = Buffer.alloc(0);

/**
 * Bytes that have come and not been used: `bytes[start, end)`. A pushed chunk is used where it lies while nothing older is left;
 * what remains of it is copied by `settle`, so that a few kept bytes do not keep a whole read buffer alive.
 */
export class ByteQueue {
  bytes: Buffer = empty;
  start = 0;
  end = 0;
  #owned = false;

  get length(): number {
    return this.end - this.start;
  }

  push(chunk: Uint8Array): void {
    if (this.start === this.end) {
      this.bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.start = 0;
      this.end = chunk.byteLength;
      this.#owned = false;
      return;
    }
    this.#reserve(chunk.byteLength);
    this.bytes.set(chunk, this.end);
    this.end += chunk.byteLength;
  }

  /** To be called when no more can be made of what is there, before the next push. */
  settle(): void {
    if (this.start === this.end) {
      this.bytes = empty;
      this.start = this.end = 0;
      this.#owned = false;
    } else if (!this.#owned) this.#reserve(0);
  }

  /** Throws `WIRE_TOO_LARGE` when more than `limit` bytes wait for the end of one `what`. */
  guard(limit: number, what: string): void {
    if (this.length > limit)
      throw wireError("WIRE_TOO_LARGE", `${what} is larger than ${limit} bytes`);
  }

  /** Room for `more` bytes behind the kept ones, in memory of our own; it doubles, so that a large item is not copied once per chunk. */
  #reserve(more: number): void {
    const { length } = this;
    if (this.#owned && this.bytes.length - this.end >= more) return;
    const fits = this.#owned && this.bytes.length >= length + more;
    const target = fits ? this.bytes : Buffer.allocUnsafeSlow(Math.max(1024, (length + more) * 2));
    this.bytes.copy(target, 0, this.start, this.end);
    this.bytes = target;
    this.start = 0;
    this.end = length;
    this.#owned = true;
  }
}
