import type { Readable } from "node:stream";
import { ExporterError } from "@kube-state-mosaic/errors";
import type { Piece } from "./contract.ts";

export interface ShareSettings<Snapshot> {
  readonly take: () => Snapshot;
  /** Milliseconds from any origin. Default: the monotonic clock. */
  readonly clock?: () => number;
  /** A snapshot serves all requests of this many milliseconds. Default 1,000. */
  readonly shareFor?: number;
  /** Distinct snapshots being read at once. Default 4. */
  readonly maxAlive?: number;
  /** A reader that takes nothing for this many milliseconds is cut. Default 30,000. */
  readonly stallAfter?: number;
}

interface Alive<Snapshot> {
  readonly snapshot: Snapshot;
  readonly takenAt: number;
  readonly readers: Set<Reader>;
}

interface Reader {
  readonly stream: Readable;
  progressAt: number;
}

/**
 * Hands snapshots to readers so that they pin a bounded number of old blocks: a snapshot is shared for a second, and
 * when one too many is read, the readers of the oldest are cut. Their streams fail with `STORE_READER_CUT`.
 */
export class SnapshotShare<Snapshot> {
  readonly #take: () => Snapshot;
  readonly #clock: () => number;
  readonly #shareFor: number;
  readonly #maxAlive: number;
  readonly #stallAfter: number;
  /** With readers, oldest first. */
  #alive: Alive<Snapshot>[] = [];

  constructor(settings: ShareSettings<Snapshot>) {
    this.#take = settings.take;
    this.#clock = settings.clock ?? (() => performance.now());
    this.#shareFor = settings.shareFor ?? 1000;
    this.#maxAlive = settings.maxAlive ?? 4;
    this.#stallAfter = settings.stallAfter ?? 30_000;
  }

  /** Distinct snapshots being read. */
  get alive(): number {
    return this.#alive.length;
  }

  /**
   * A stream of the pieces of a snapshot not older than the share time. It counts as reading until it closes, so it must
   * be read to its end or destroyed. `encode` is `gzipStream` or `identityStream`.
   */
  read(
    piecesOf: (snapshot: Snapshot) => Iterable<Piece>,
    encode: (pieces: Iterable<Piece>) => Readable,
  ): Readable {
    const now = this.#clock();
    const alive = this.#current(now);
    const reader: Reader = {
      stream: encode(this.#watched(piecesOf(alive.snapshot), () => reader)),
      progressAt: now,
    };
    alive.readers.add(reader);
    reader.stream.once("close", () => this.#leave(alive, reader));
    // A stream may be cut before anybody listens to it; without a listener its error would end the process.
    reader.stream.on("error", () => undefined);
    return reader.stream;
  }

  /** Cuts readers that have stalled; to be called every second or so. Returns their number. */
  cutStalled(): number {
    const since = this.#clock() - this.#stallAfter;
    let cut = 0;
    for (const { readers } of this.#alive)
      for (const reader of readers)
        if (reader.progressAt <= since) {
          cutReader(reader, `it took nothing for ${this.#stallAfter} ms`);
          cut++;
        }
    return cut;
  }

  #current(now: number): Alive<Snapshot> {
    const newest = this.#alive.at(-1);
    if (newest !== undefined && now - newest.takenAt <= this.#shareFor) return newest;
    const alive = { snapshot: this.#take(), takenAt: now, readers: new Set<Reader>() };
    this.#alive.push(alive);
    if (this.#alive.length > this.#maxAlive)
      for (const reader of this.#alive.shift()?.readers ?? [])
        cutReader(reader, `${this.#maxAlive} newer snapshots are being read`);
    return alive;
  }

  /** Pieces are pulled when the reader has taken what came before. */
  *#watched(pieces: Iterable<Piece>, reader: () => Reader): Generator<Piece> {
    for (const piece of pieces) {
      reader().progressAt = this.#clock();
      yield piece;
    }
  }

  #leave(alive: Alive<Snapshot>, reader: Reader): void {
    alive.readers.delete(reader);
    if (alive.readers.size === 0) this.#alive = this.#alive.filter((other) => other !== alive);
  }
}

function cutReader({ stream }: Reader, reason: string): void {
  stream.destroy(
    new ExporterError(
      "STORE_READER_CUT",
      `a scrape was cut off because ${reason}; it has to be tried again`,
    ),
  );
}
