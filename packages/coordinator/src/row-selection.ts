import { cutRows, type BlockAnswer, type MergeSource, type RowCut } from "@kube-state-mosaic/store";
import type { Part } from "./part.ts";
import type { RowIndex } from "./row-index.ts";

interface Cut {
  readonly incarnation: string;
  readonly revision: number;
  /** By list. */
  readonly lists: readonly RowCut[];
}

const whole: Part = { index: 0, count: 1 };
/** Numbers of parts that somebody asks for; each costs about as much memory as the whole. */
const keptCounts = 2;

/**
 * Blocks as they are to be sent: without the rows of dead objects, and of one part only. Nothing is cut where there is nothing to leave
 * out; what was cut once is kept until it changes.
 */
export class RowSelection {
  readonly #index: Pick<RowIndex, "revision" | "targets">;
  /** By number of parts and ordinal, least recently used first. */
  readonly #cuts = new Map<number, Map<string, Cut>>();

  constructor(index: Pick<RowIndex, "revision" | "targets">) {
    this.#index = index;
  }

  select(ordinal: string, answer: BlockAnswer, { index, count }: Part = whole): MergeSource {
    const revision = this.#index.revision(ordinal);
    if (count === 1 && revision === 0) return answer;
    const cuts = this.#cutsOf(count);
    const { manifest, families } = answer;
    const { incarnation } = manifest;
    const held = cuts.get(ordinal);
    const before = held?.incarnation === incarnation ? held : undefined;
    const targetsOf = (group: number) => this.#index.targets(ordinal, group, count);
    const lists = families.map((list, family) => {
      const known = before?.lists[family];
      return known?.source === list && before?.revision === revision
        ? known
        : cutRows(list, { count, targetsOf }, known);
    });
    cuts.set(ordinal, { incarnation, revision, lists });
    return { manifest, families: lists.map((cut) => cut.lists[index] ?? []) };
  }

  #cutsOf(count: number): Map<string, Cut> {
    const cuts = this.#cuts.get(count) ?? new Map<string, Cut>();
    this.#cuts.delete(count);
    this.#cuts.set(count, cuts);
    for (const other of this.#cuts.keys()) {
      if (this.#cuts.size <= keptCounts) break;
      this.#cuts.delete(other);
    }
    return cuts;
  }
}
