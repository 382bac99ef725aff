/** Something that holds text uncompressed and can stop doing so. */
export interface HotText {
  readonly hotBytes: number;
  /** Deflates the text and removes itself from the budget. */
  seal(): void;
}

/**
 * Bounds the uncompressed text of all stores of a process, in bytes. The oldest is sealed first, at once when a change
 * exceeds the limit: each change then pays for sealing about one block.
 */
export class HotBudget {
  readonly #limit: number;
  /** In the order of their first change. */
  readonly #texts = new Set<HotText>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get overdrawn(): boolean {
    return this.#bytes > this.#limit;
  }

  add(text: HotText): void {
    this.#texts.add(text);
    this.#bytes += text.hotBytes;
  }

  grow(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(text: HotText): void {
    if (this.#texts.delete(text)) this.#bytes -= text.hotBytes;
  }

  /** Seals the oldest texts until the rest is within the limit. Not to be called while a row is half written. */
  settle(): void {
    for (const text of this.#texts) {
      if (!this.overdrawn) return;
      text.seal();
      this.remove(text);
    }
  }
}
