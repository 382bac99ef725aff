import { readFile } from "node:fs/promises";
import { ExporterError } from "@kube-state-mosaic/errors";
import type { Clock } from "./clock.ts";

/**
 * The trimmed text of a file that somebody else replaces now and then. Read again when older than `maxAgeMs`;
 * unreadable, empty or unacceptable content keeps the old one.
 */
export class ReloadedFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  #text: string | undefined;
  #readAt = 0;
  #reading: Promise<string> | undefined;

  constructor(path: string, { clock, maxAgeMs }: { clock: Clock; maxAgeMs: number }) {
    this.#path = path;
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Throws CREDENTIALS_UNREADABLE only as long as there never was a content. */
  text(): Promise<string> {
    if (this.#text !== undefined && this.#clock.now() - this.#readAt <= this.#maxAgeMs)
      return Promise.resolve(this.#text);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** The next call of `text` reads the file. */
  expire(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  async #read(): Promise<string> {
    try {
      const text = (await readFile(this.#path, "utf8")).trim();
      if (text === "") throw new Error("the file is empty");
      this.#text = text;
      this.#readAt = this.#clock.now();
      return text;
    } catch (cause) {
      if (this.#text === undefined)
        throw new ExporterError(
          "CREDENTIALS_UNREADABLE",
          `${this.#path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause, context: { file: this.#path } },
        );
      // Tried again with the next request that finds it too old: a replaced file may be half-written for a moment.
      this.#readAt = this.#clock.now();
      return this.#text;
    }
  }
}
