import { CellTable } from "./cell-table.ts";
import type { Block } from "./contract.ts";
import { FamilyBlock, type BlockGroup, type Sealing } from "./family-block.ts";

/** A group keeps its number of slots; rows are in slot order in each family's text. */
export interface GroupShape {
  readonly families: number;
  readonly capacity: number;
  readonly departure: number;
  readonly sealing: Sealing;
  /** Told of each family whose text is another one now. */
  readonly changed: (family: number) => void;
}

let lastId = 0;

/** Rows of one departure class, with a block for each family that has text in it. */
export class RowGroup implements BlockGroup {
  /** Never used twice while the process lives; grows in the order of the text. */
  readonly id: number = ++lastId;
  readonly departure: number;
  readonly capacity: number;
  readonly cells: CellTable;
  /** Set by the store: when a row was born or died in it (milliseconds). */
  changedAt = 0;
  /** Set by the store: who its rows are, until a row comes or goes. */
  directory: Block | undefined;
  count = 0;
  /** Row number by slot, -1 where free. */
  readonly rows: Int32Array;
  readonly #blocks: (FamilyBlock | undefined)[];
  readonly #sealing: Sealing;
  readonly #changed: (family: number) => void;
  /** Slots from here on were never used. */
  #nextSlot = 0;

  constructor({ families, capacity, departure, sealing, changed }: GroupShape) {
    this.departure = departure;
    this.capacity = capacity;
    this.rows = new Int32Array(capacity).fill(-1);
    this.#blocks = Array.from({ length: families }, () => undefined);
    this.cells = new CellTable(families, capacity);
    this.#sealing = sealing;
    this.#changed = changed;
  }

  /** Slots `[0, used)` have been given to rows, which may be gone since. */
  get used(): number {
    return this.#nextSlot;
  }

  get full(): boolean {
    return this.#nextSlot === this.capacity;
  }

  get directoryBytes(): number {
    return this.cells.bytes + this.rows.byteLength + this.#blocks.length * 8;
  }

  get sealedBytes(): number {
    let bytes = 0;
    for (const block of this.#blocks) bytes += block?.sealedLength ?? 0;
    return bytes;
  }

  get hotBytes(): number {
    let bytes = 0;
    for (const block of this.#blocks) bytes += block?.hotBytes ?? 0;
    return bytes;
  }

  /** Takes the next slot for a row; only if the group is not full. */
  take(row: number): number {
    const slot = this.#nextSlot++;
    this.rows[slot] = row;
    this.count++;
    this.directory = undefined;
    return slot;
  }

  /** Gives a slot the texts of a row. Families whose text stays the same are not touched. */
  write(slot: number, texts: readonly string[]): void {
    for (let family = 0; family < texts.length; family++)
      this.#write(slot, family, texts[family] ?? "");
  }

  #write(slot: number, family: number, text: string): void {
    const { cells } = this;
    const replaced = cells.length(family, slot);
    if (!cells.set(family, slot, text)) return;
    let block = this.#blocks[family];
    if (block?.open !== true) {
      block = new FamilyBlock(this.#sealing, block, { group: this, family });
      this.#blocks[family] = block;
    }
    block.edit(slot, text, replaced);
    this.#changed(family);
  }

  /** Frees a slot; its texts go. */
  clear(slot: number): void {
    for (let family = 0; family < this.#blocks.length; family++) this.#write(slot, family, "");
    this.rows[slot] = -1;
    this.count--;
    this.directory = undefined;
  }

  /** The family's text as one block that will not change any more, if there is any text. */
  block(family: number): FamilyBlock | undefined {
    const block = this.#blocks[family];
    block?.freeze();
    if (block?.length !== 0) return block;
    this.#blocks[family] = undefined;
    return undefined;
  }

  /** Deflates everything, and gives back what was kept for growth. */
  seal(): void {
    this.cells.trim();
    for (let family = 0; family < this.#blocks.length; family++) this.block(family)?.seal();
  }

  /** The texts of all rows, by slot and family; inflates everything. */
  texts(): string[][] {
    const rows: string[][] = Array.from(this.rows, () => []);
    for (let family = 0; family < this.#blocks.length; family++) {
      const bytes = this.block(family)?.bytes();
      let at = 0;
      for (const [slot, texts] of rows.entries()) {
        const length = this.cells.length(family, slot);
        texts.push(
          length === 0 || bytes === undefined ? "" : bytes.toString("utf8", at, (at += length)),
        );
      }
    }
    return rows;
  }

  /** The store drops the group. */
  discard(): void {
    for (const block of this.#blocks) block?.discard();
  }
}
