/** One object's rendered text, a string a family in the order of the store's families; `""` where it has no sample. */
export interface Row {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly texts: readonly string[];
  /** Rows of different departure classes never share a row group: what leaves together, or is shown together, is one class. */
  readonly departure: number;
  /** Slot of the UID's hash, 0 to 1,023: by it rows find their class again when classes are split. Absent: 0. */
  readonly hashSlot?: number;
}

/** Told of rows that come and go; `key` is the 128 bits of the UID, valid during the call. */
export interface RowLedger {
  born(key: Uint32Array, hashSlot: number): void;
  died(key: Uint32Array, hashSlot: number): void;
  /** It left with its departure class. */
  departed(key: Uint32Array, hashSlot: number): void;
}

/**
 * The text of one family over one row group, immutable. Its deflated form ends on a byte boundary (full flush), so that
 * blocks of any groups, families and shards concatenate into one deflate stream.
 */
export interface Block {
  /** Names this text for as long as the process lives: a changed text has a higher id, and ids are never used twice. */
  readonly id: number;
  /** Bytes of the text (UTF-8, whole lines), never 0. */
  readonly length: number;
  /** CRC-32 of the text; made on first use, like the deflated bytes. */
  readonly crc32: number;
  /** Raw deflate data without final block; made on first use and kept. Must not be written to. */
  deflated(): Buffer;
  /** Row group that it is of, never used twice while the process lives; absent where rows are not known. */
  readonly group?: number;
  /** Bytes of each row of the group in the text, by slot, as `row-lengths.ts` writes them. Only of a block that no later one has replaced. */
  rowLengths?(): Buffer;
}

/** An immutable view of a store at one instant; blocks per family, in the order of the store's families. Never empty blocks. */
export interface StoreSnapshot {
  readonly rows: number;
  readonly families: readonly (readonly Block[])[];
}

export interface StoreSizes {
  readonly rows: number;
  readonly groups: number;
  /** Bytes of text held uncompressed by the newest versions (a HotBudget also counts older ones that nobody has read). */
  readonly hotBytes: number;
  /** Bytes of deflated blocks. */
  readonly sealedBytes: number;
  /** Bytes of the directories of rows and cells. */
  readonly directoryBytes: number;
}

/** A piece of an exposition: literal text (headers, `# EOF`), or a block. */
export type Piece = Buffer | Block;
