import type { Block } from "./contract.ts";
import { combineCrc32 } from "./crc32.ts";

export type PlacedBlock = Pick<Block, "id" | "length" | "crc32"> & {
  readonly group: number;
  /** Bytes deflated, and of the row lengths. */
  readonly size: number;
  readonly rowSize: number;
};

/** Blocks whose bytes, and whose row lengths, follow each other. */
export interface Run {
  readonly blocks: readonly PlacedBlock[];
  readonly bytes: Buffer;
  readonly rows: Buffer;
}

/** Blocks `[start, end)` of a list that `placed` made; undefined if it is another list, or there is none. */
export function rangeOf(list: readonly Block[], start: number, end: number): Run | undefined {
  const blocks = list.slice(start, end).filter((block) => block instanceof ReceivedBlock);
  const [first] = blocks;
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return {
    blocks,
    bytes: first.bytes.subarray(first.start, last.start + last.size),
    rows: first.rows.subarray(first.rowStart, last.rowStart + last.rowSize),
  };
}

/**
 * The blocks of one list, their bytes one after the other in a buffer of their own: a slice of the frame would keep all of it alive for as
 * long as any of its blocks, and a buffer for each block costs more than its bytes.
 */
export function placed(parts: readonly Run[]): readonly Block[] {
  const bytes = joined(parts.map((part) => part.bytes));
  const rows = joined(parts.map((part) => part.rows));
  const blocks: ReceivedBlock[] = [];
  let start = 0;
  let rowStart = 0;
  for (const part of parts)
    for (const block of part.blocks) {
      blocks.push(new ReceivedBlock({ bytes, rows, start, rowStart }, block));
      start += block.size;
      rowStart += block.rowSize;
    }
  return blocks;
}

function joined(parts: readonly Buffer[]): Buffer {
  const whole = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(whole, at);
  return whole;
}

/** Where a received block is. */
interface BlockPlace {
  /** Deflated, `[start, start + size)`; the next block of the list follows. */
  readonly bytes: Buffer;
  readonly start: number;
  /** Row lengths likewise. */
  readonly rows: Buffer;
  readonly rowStart: number;
}

class ReceivedBlock implements Block, BlockPlace {
  readonly id: number;
  readonly length: number;
  readonly crc32: number;
  readonly group: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly size: number;
  readonly rows: Buffer;
  readonly rowStart: number;
  readonly rowSize: number;

  constructor(place: BlockPlace, block: PlacedBlock) {
    this.id = block.id;
    this.length = block.length;
    this.crc32 = block.crc32;
    this.group = block.group;
    this.bytes = place.bytes;
    this.start = place.start;
    this.size = block.size;
    this.rows = place.rows;
    this.rowStart = place.rowStart;
    this.rowSize = block.rowSize;
  }

  rowLengths(): Buffer {
    return this.rows.subarray(this.rowStart, this.rowStart + this.rowSize);
  }

  deflated(): Buffer {
    return this.bytes.subarray(this.start, this.start + this.size);
  }
}

/** What a socket takes well, and inflates in about a millisecond. */
const segmentBytes = 64 << 10;
const segments = new WeakMap<readonly Block[], readonly Block[]>();

/**
 * The same text as a list of received blocks, in fewer and larger pieces without copying a byte. Made once for a list, which never
 * changes; so what stays the same costs next to nothing in the next exposition.
 */
export function segmentsOf(list: readonly Block[]): readonly Block[] {
  let known = segments.get(list);
  if (known === undefined) segments.set(list, (known = coalesced(list)));
  return known;
}

function coalesced(list: readonly Block[]): readonly Block[] {
  const result: Block[] = [];
  let open: { block: ReceivedBlock; length: number; crc32: number; size: number } | undefined;
  const close = (): void => {
    if (open !== undefined)
      result.push(
        new ReceivedBlock(open.block, { ...open, id: open.block.id, group: 0, rowSize: 0 }),
      );
    open = undefined;
  };
  for (const block of list) {
    if (!(block instanceof ReceivedBlock)) return list;
    if (open === undefined) open = { block, length: 0, crc32: 0, size: 0 };
    open.crc32 = combineCrc32(open.crc32, block.crc32, block.length);
    open.length += block.length;
    open.size += block.size;
    if (open.size >= segmentBytes) close();
  }
  close();
  return result;
}
