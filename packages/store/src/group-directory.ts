import type { Block } from "./contract.ts";
import type { RowDirectory } from "./row-directory.ts";
import type { RowGroup } from "./row-group.ts";

/** Name hash (2 words), UID hash, version (float64), hash slot; big-endian. */
const entryBytes = 22;
/** Instead of a hash slot: no row is there any more. */
const vacant = 0xffff;
let lastId = 0;

/** Slots that a row group has at most. */
export const mostGroupRows = 128;

/** One row, as other shards may know of it too. */
export interface DirectoryRow {
  /** 64 bits of a hash of namespace and name, as two words. */
  readonly nameHigh: number;
  readonly nameLow: number;
  readonly uidHash: number;
  /** A resource version that the object had; -1 if that is no number. */
  readonly version: number;
  /** 0 to 1,023. */
  readonly hashSlot: number;
}

/** Who the rows of a group are, by slot. It travels like a block, but its bytes are not deflated and have no text. */
export function writeGroupDirectory(group: RowGroup, rows: RowDirectory): Block {
  const bytes = Buffer.allocUnsafeSlow(group.used * entryBytes);
  for (let slot = 0, at = 0; slot < group.used; slot++, at += entryBytes) {
    const row = group.rows[slot] ?? -1;
    if (row < 0) {
      bytes.fill(0, at, at + entryBytes).writeUInt16BE(vacant, at + 20);
      continue;
    }
    const [high = 0, low = 0] = rows.nameKey(row);
    bytes.writeUInt32BE(high, at);
    bytes.writeUInt32BE(low, at + 4);
    bytes.writeUInt32BE(folded(rows.uidKey(row)), at + 8);
    bytes.writeDoubleBE(rows.numericVersion(row), at + 12);
    bytes.writeUInt16BE(rows.hashSlot(row), at + 20);
  }
  return { id: ++lastId, group: group.id, length: 0, crc32: 0, deflated: () => bytes };
}

/** The row at a slot of a group's directory; undefined if there is none. */
export function directoryRow(bytes: Buffer, slot: number): DirectoryRow | undefined {
  const at = slot * entryBytes;
  if (at + entryBytes > bytes.length) return undefined;
  const hashSlot = bytes.readUInt16BE(at + 20);
  if (hashSlot === vacant) return undefined;
  return {
    nameHigh: bytes.readUInt32BE(at),
    nameLow: bytes.readUInt32BE(at + 4),
    uidHash: bytes.readUInt32BE(at + 8),
    version: bytes.readDoubleBE(at + 12),
    hashSlot,
  };
}

/** UUIDs are not random in every word. */
function folded(key: Uint32Array): number {
  let hash = 0;
  for (const word of key) hash = Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15);
  return hash >>> 0;
}
