import { writeNameKey, writeUidKey } from "./key.ts";
import { KeyIndex } from "./key-index.ts";
import { isOlder, numericVersion } from "./resource-version.ts";

const smallest = 16;

/**
 * What is known of each row beside its text: keys, version, mark, and where its text is. Rows have numbers, which are
 * used again; everything is in typed arrays (about 90 bytes a row), as objects would be 300.
 */
export class RowDirectory {
  readonly #uids = new KeyIndex();
  readonly #names = new KeyIndex();
  readonly #key = new Uint32Array(4);
  #capacity = 0;
  #versions = new Float64Array(0);
  /** Versions that are not decimal, or too long for a number: none in practice. */
  readonly #oddVersions = new Map<number, string>();
  #marks = new Uint32Array(0);
  #groups = new Int32Array(0);
  #slots = new Uint8Array(0);
  #hashSlots = new Uint16Array(0);
  /** Rows below `#used` that are free form a list through `#groups`; -1 ends it. */
  #free = -1;
  #used = 0;
  #count = 0;

  constructor() {
    this.#resize(smallest);
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#uids.bytes + this.#names.bytes + this.#capacity * 19;
  }

  /** The row of this UID, or -1. */
  find(uid: string): number {
    writeUidKey(uid, this.#key);
    return this.#uids.find(this.#key);
  }

  /** The row of this name, or -1. */
  findName(namespace: string, name: string): number {
    writeNameKey(namespace, name, this.#key);
    return this.#names.find(this.#key);
  }

  /** Enters a row; neither its UID nor its name may be known. */
  add(row: { readonly uid: string; readonly namespace: string; readonly name: string }): number {
    let number = this.#free;
    if (number < 0) {
      if (this.#used === this.#capacity) this.#resize(Math.ceil(this.#capacity * 1.5));
      number = this.#used++;
    } else this.#free = this.#groups[number] ?? -1;
    writeUidKey(row.uid, this.#key);
    this.#uids.add(number, this.#key);
    writeNameKey(row.namespace, row.name, this.#key);
    this.#names.add(number, this.#key);
    this.#count++;
    return number;
  }

  /** The 128 bits of a row's UID; valid until rows are added. */
  uidKey(row: number): Uint32Array {
    return this.#uids.keyOf(row);
  }

  /** The 128 bits of a row's name; valid until rows are added. */
  nameKey(row: number): Uint32Array {
    return this.#names.keyOf(row);
  }

  /** Gives a row another name, which must not be known. */
  rename(row: number, namespace: string, name: string): void {
    this.#names.remove(row);
    writeNameKey(namespace, name, this.#key);
    this.#names.add(row, this.#key);
  }

  remove(row: number): void {
    this.#uids.remove(row);
    this.#names.remove(row);
    this.#oddVersions.delete(row);
    this.#groups[row] = this.#free;
    this.#slots[row] = freeSlot;
    this.#free = row;
    this.#count--;
    if (this.#count === 0) {
      this.#free = -1;
      this.#used = 0;
      this.#resize(smallest);
    }
  }

  /** All rows, by number. Rows may be removed on the way. */
  *rows(): Generator<number> {
    for (let row = 0; row < this.#used; row++) if (this.#slots[row] !== freeSlot) yield row;
  }

  version(row: number): string {
    return this.#oddVersions.get(row) ?? String(this.#versions[row]);
  }

  hasVersion(row: number, version: string): boolean {
    const numeric = numericVersion(version);
    return numeric < 0 ? this.#oddVersions.get(row) === version : this.#versions[row] === numeric;
  }

  /** Whether `version` is certainly older than the row's. */
  isOlder(version: string, row: number): boolean {
    const numeric = numericVersion(version);
    const own = this.#versions[row] ?? -1;
    if (numeric >= 0 && own >= 0) return numeric < own;
    return isOlder(version, this.version(row));
  }

  /** As a number; -1 if it is none. */
  numericVersion(row: number): number {
    return this.#versions[row] ?? -1;
  }

  setVersion(row: number, version: string): void {
    const numeric = numericVersion(version);
    this.#versions[row] = numeric;
    if (numeric < 0) this.#oddVersions.set(row, version);
    else if (this.#oddVersions.size > 0) this.#oddVersions.delete(row);
  }

  hashSlot(row: number): number {
    return this.#hashSlots[row] ?? 0;
  }

  setHashSlot(row: number, slot: number): void {
    this.#hashSlots[row] = slot;
  }

  mark(row: number): number {
    return this.#marks[row] ?? 0;
  }

  setMark(row: number, mark: number): void {
    this.#marks[row] = mark;
  }

  group(row: number): number {
    return this.#groups[row] ?? -1;
  }

  slot(row: number): number {
    return this.#slots[row] ?? freeSlot;
  }

  place(row: number, group: number, slot: number): void {
    this.#groups[row] = group;
    this.#slots[row] = slot;
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    this.#uids.resize(capacity);
    this.#names.resize(capacity);
    this.#versions = resized(this.#versions, new Float64Array(capacity));
    this.#marks = resized(this.#marks, new Uint32Array(capacity));
    this.#groups = resized(this.#groups, new Int32Array(capacity));
    this.#slots = resized(this.#slots, new Uint8Array(capacity).fill(freeSlot));
    this.#hashSlots = resized(this.#hashSlots, new Uint16Array(capacity));
  }
}

/** A slot no row can have. */
const freeSlot = 255;

function resized<T extends Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array>(
  from: T,
  to: T,
): T {
  to.set(from.subarray(0, to.length));
  return to;
}
