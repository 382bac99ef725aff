import { crc32 } from "node:zlib";
import { writeRowLengths } from "./row-lengths.ts";

const grownColumns = 8;

/**
 * Length in bytes and CRC-32 of each text in a row group, by family and slot: tells whether a text has changed without
 * inflating anything. Two texts pass for equal only if both agree; a change within 4 bytes always shows in a CRC-32.
 * Families without text take no space (6 bytes a text).
 */
export class CellTable {
  readonly #capacity: number;
  /** Family to column, -1 where it has had no text. */
  readonly #columns: Int16Array;
  #width = 0;
  #lengths: Uint16Array | Uint32Array = new Uint16Array(0);
  #crcs = new Int32Array(0);

  constructor(families: number, capacity: number) {
    this.#capacity = capacity;
    this.#columns = new Int16Array(families).fill(-1);
  }

  get bytes(): number {
    return this.#columns.byteLength + this.#lengths.byteLength + this.#crcs.byteLength;
  }

  length(family: number, slot: number): number {
    const column = this.#columns[family] ?? -1;
    return column < 0 ? 0 : (this.#lengths[column * this.#capacity + slot] ?? 0);
  }

  /** Bytes of the family's text before this slot. */
  offset(family: number, slot: number): number {
    const column = this.#columns[family] ?? -1;
    if (column < 0) return 0;
    const start = column * this.#capacity;
    let sum = 0;
    for (let at = start; at < start + slot; at++) sum += this.#lengths[at] ?? 0;
    return sum;
  }

  /** The lengths of a family's texts by slot, as `row-lengths.ts` writes them. */
  rowLengths(family: number): Buffer {
    const start = (this.#columns[family] ?? -1) * this.#capacity;
    return writeRowLengths(this.#lengths.subarray(start, start + this.#capacity));
  }

  /** Notes a text; false if it is the one already there. */
  set(family: number, slot: number, text: string): boolean {
    let column = this.#columns[family] ?? -1;
    if (text === "") {
      if (column < 0 || this.#lengths[column * this.#capacity + slot] === 0) return false;
      this.#lengths[column * this.#capacity + slot] = 0;
      this.#crcs[column * this.#capacity + slot] = 0;
      return true;
    }
    if (column < 0) column = this.#addColumn(family);
    const cell = column * this.#capacity + slot;
    const crc = crc32(text) | 0;
    const known = this.#lengths[cell] ?? 0;
    // Text is nearly always ASCII; only where it is not, its bytes have to be counted for this.
    if (this.#crcs[cell] === crc && known === text.length) return false;
    const length = Buffer.byteLength(text);
    if (this.#crcs[cell] === crc && known === length) return false;
    if (length > 0xffff && this.#lengths instanceof Uint16Array)
      this.#lengths = Uint32Array.from(this.#lengths);
    this.#lengths[cell] = length;
    this.#crcs[cell] = crc;
    return true;
  }

  /** Gives back the room kept for further columns. */
  trim(): void {
    this.#resize(this.#width);
  }

  #addColumn(family: number): number {
    const column = this.#width++;
    this.#columns[family] = column;
    if (this.#width * this.#capacity > this.#crcs.length) this.#resize(this.#width + grownColumns);
    return column;
  }

  #resize(columns: number): void {
    const cells = columns * this.#capacity;
    if (cells === this.#crcs.length) return;
    const crcs = new Int32Array(cells);
    crcs.set(this.#crcs.subarray(0, cells));
    const lengths =
      this.#lengths instanceof Uint16Array ? new Uint16Array(cells) : new Uint32Array(cells);
    lengths.set(this.#lengths.subarray(0, cells));
    this.#crcs = crcs;
    this.#lengths = lengths;
  }
}
