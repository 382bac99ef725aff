import { splice, type MergeSource, type Piece, type Splice } from "@kube-state-mosaic/store";

/** Scrapers want one or two things, each again and again; a reader that varies its filters must not fill the memory. */
const mostKept = 8;

/**
 * Splices of one set of answers, by what was asked for. Cycles in which nothing changed share one, so that a scrape of quiet shards is
 * not put together again.
 */
export class KeptSplices {
  readonly #sources: readonly MergeSource[];
  /** Least recently used first. */
  readonly #kept = new Map<string, Splice>();

  constructor(sources: readonly MergeSource[]) {
    this.#sources = sources;
  }

  /** Whether these answers make the same expositions. */
  isOf(sources: readonly MergeSource[]): boolean {
    const own = this.#sources;
    return (
      own.length === sources.length &&
      own.every(({ manifest, families }, at) => {
        const other = sources[at];
        return (
          manifest.resources === other?.manifest.resources &&
          families.length === other.families.length &&
          families.every((list, family) => list === other.families[family])
        );
      })
    );
  }

  /** What was made for this key before, or what `pieces` makes. */
  of(key: string, pieces: () => Iterable<Piece>): Splice {
    const kept = this.#kept.get(key) ?? splice(pieces());
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
    }
    return kept;
  }
}
