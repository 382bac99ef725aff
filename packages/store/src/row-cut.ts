import { crc32 } from "node:zlib";
import type { Block } from "./contract.ts";
import { deflateText, inflateText } from "./deflate.ts";
import { placed, type PlacedBlock } from "./received-blocks.ts";
import { readRowLengths, writeRowLengths } from "./row-lengths.ts";

/** For each slot of a row group the number of the list that its row goes to; -1, or nothing: to none. */
export type RowTargets = Int16Array;

/** A list of blocks cut by rows into several lists, and what was made for that. */
export interface RowCut {
  readonly source: readonly Block[];
  readonly lists: readonly (readonly Block[])[];
  /** By the block's id. */
  readonly made: ReadonlyMap<number, Made>;
}

interface Made {
  readonly targets: RowTargets;
  /** By list; undefined where it gets nothing. */
  readonly blocks: readonly (CutBlock | undefined)[];
}

interface CutBlock {
  readonly block: PlacedBlock;
  readonly bytes: Buffer;
  readonly rows: Buffer;
}

/**
 * Cuts a received list into `count` lists with the rows of each group where `targetsOf` wants them; undefined for a group that goes to the
 * first as it is. Blocks that have to be cut are inflated and deflated again, once: `before` is what was made for an earlier list
 * of the same worker. Lists keep the order of the rows.
 */
export function cutRows(
  source: readonly Block[],
  {
    count,
    targetsOf,
  }: { readonly count: number; readonly targetsOf: (group: number) => RowTargets | undefined },
  before?: RowCut,
): RowCut {
  const made = new Map<number, Made>();
  const parts = Array.from({ length: count }, (): CutBlock[] => []);
  if (count === 1 && source.every(({ group = 0 }) => targetsOf(group) === undefined))
    return { source, lists: [source], made };
  for (const block of source) {
    const targets = targetsOf(block.group ?? 0);
    if (targets === undefined) {
      parts[0]?.push(whole(block));
      continue;
    }
    const known = before?.made.get(block.id);
    const blocks =
      known !== undefined && isEqual(known.targets, targets)
        ? known.blocks
        : cutBlock(block, targets, count);
    made.set(block.id, { targets, blocks });
    for (const [target, cut] of blocks.entries()) if (cut !== undefined) parts[target]?.push(cut);
  }
  const lists = parts.map((cuts) =>
    placed(cuts.map(({ block, bytes, rows }) => ({ blocks: [block], bytes, rows }))),
  );
  return { source, lists, made };
}

function isEqual(a: RowTargets, b: RowTargets): boolean {
  return a === b || (a.length === b.length && a.every((target, slot) => target === b[slot]));
}

function whole(block: Block): CutBlock {
  const bytes = block.deflated();
  const rows = block.rowLengths?.() ?? Buffer.alloc(0);
  const { id, length, crc32: crc, group = 0 } = block;
  return {
    block: { id, length, crc32: crc, group, size: bytes.length, rowSize: rows.length },
    bytes,
    rows,
  };
}

function cutBlock(block: Block, targets: RowTargets, count: number): (CutBlock | undefined)[] {
  const lengths = readRowLengths(block.rowLengths?.() ?? Buffer.alloc(0));
  // What inflates is valid until the next call, and each list deflates.
  const text = Buffer.from(inflateText(block.deflated(), block.length));
  const pieces = Array.from({ length: count }, (): Buffer[] => []);
  const kept = Array.from({ length: count }, () => new Uint32Array(lengths.length));
  let at = 0;
  for (const [slot, length] of lengths.entries()) {
    const target = targets[slot] ?? -1;
    pieces[target]?.push(text.subarray(at, at + length));
    const slots = kept[target];
    if (slots !== undefined) slots[slot] = length;
    at += length;
  }
  return pieces.map((own, target) =>
    madeOf(block, Buffer.concat(own), kept[target] ?? new Uint32Array(0)),
  );
}

function madeOf(
  { id, group = 0 }: Block,
  text: Buffer,
  lengths: Uint32Array,
): CutBlock | undefined {
  const { length } = text;
  if (length === 0) return undefined;
  const bytes = Buffer.from(deflateText(text, 1));
  const rows = writeRowLengths(lengths);
  const sizes = { size: bytes.length, rowSize: rows.length };
  return { block: { id, length, crc32: crc32(text), group, ...sizes }, bytes, rows };
}
