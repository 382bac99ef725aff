import type { Sums, SumsReport } from "@kube-state-mosaic/store";

/** The sums of one shard (or of a whole stream as it saw it) over versions, put together from its manifests. */
export class Ring {
  #since = Number.POSITIVE_INFINITY;
  #upTo = 0;
  #points: (Sums & { readonly version: number })[] = [];

  /** The sums are known from this version on. */
  get since(): number {
    return this.#since;
  }

  /** Takes what a manifest adds; `version`: up to where it is known. */
  add(report: SumsReport, version: number): void {
    const { points, since } = report;
    if (points[0] === since) this.#points = [];
    for (let at = 0; at + 3 < points.length; at += 4) {
      const [at0 = 0, n = 0, a = 0, b = 0] = points.slice(at, at + 4);
      const last = this.#points.at(-1);
      // Entries of one version are one change.
      if (last?.version === at0) this.#points.pop();
      if (last === undefined || last.version <= at0) this.#points.push({ version: at0, n, a, b });
    }
    this.#since = since;
    this.#upTo = version;
  }

  /** The sums at a version; undefined where that is not known. */
  at(version: number): Sums | undefined {
    if (version < this.#since || version > this.#upTo) return undefined;
    return this.#points.findLast((point) => point.version <= version);
  }

  /** Drops what nobody asks for any more: everything before the value at `version`. */
  forget(version: number): void {
    const first = this.#points.findLastIndex((point) => point.version <= version);
    if (first > 0) this.#points.splice(0, first);
  }
}
