const smallest = 16;

/** From 128-bit keys to row numbers: open addressing, 4 bytes a place, 12 to 24 bytes an entry with the key. */
export class KeyIndex {
  /** Row number + 1, 0 where free; a power of two long, at most 3/4 full. */
  #places = new Int32Array(smallest);
  #keys = new Uint32Array(0);
  #size = 0;

  get bytes(): number {
    return this.#places.byteLength + this.#keys.byteLength;
  }

  /** The row with this key, or -1. */
  find(key: Uint32Array): number {
    const mask = this.#places.length - 1;
    for (let place = hashOf(key, 0) & mask; ; place = (place + 1) & mask) {
      const row = (this.#places[place] ?? 0) - 1;
      if (row < 0 || this.#has(row, key)) return row;
    }
  }

  /** The key of a row that is in the index; valid until rows are added. */
  keyOf(row: number): Uint32Array {
    return this.#keys.subarray(row * 4, row * 4 + 4);
  }

  /** Whether the row, which must be in the index, has this key. */
  #has(row: number, key: Uint32Array): boolean {
    const keys = this.#keys;
    const at = row * 4;
    return (
      keys[at] === key[0] &&
      keys[at + 1] === key[1] &&
      keys[at + 2] === key[2] &&
      keys[at + 3] === key[3]
    );
  }

  /** Enters a row under a key that is not in the index. */
  add(row: number, key: Uint32Array): void {
    this.#keys.set(key, row * 4);
    this.#size++;
    if (this.#size * 4 > this.#places.length * 3) this.#rebuild(this.#places.length * 2);
    this.#put(row);
  }

  #put(row: number): void {
    const mask = this.#places.length - 1;
    let place = hashOf(this.#keys, row * 4) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = row + 1;
  }

  /** Removes a row that is in the index. Entries behind it move up, so that no search stops short of them. */
  remove(row: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let hole = hashOf(this.#keys, row * 4) & mask;
    while (places[hole] !== row + 1) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; places[place] !== 0; place = (place + 1) & mask) {
      const home = hashOf(this.#keys, ((places[place] ?? 0) - 1) * 4) & mask;
      if (((place - home) & mask) < ((place - hole) & mask)) continue;
      places[hole] = places[place] ?? 0;
      hole = place;
    }
    places[hole] = 0;
    this.#size--;
    if (places.length > smallest && this.#size * 8 < places.length)
      this.#rebuild(places.length / 2);
  }

  /** Makes room for rows numbered below `rows`. */
  resize(rows: number): void {
    const keys = new Uint32Array(rows * 4);
    keys.set(this.#keys.subarray(0, keys.length));
    this.#keys = keys;
  }

  #rebuild(length: number): void {
    const old = this.#places;
    this.#places = new Int32Array(length);
    for (const entry of old) if (entry !== 0 && entry !== undefined) this.#put(entry - 1);
  }
}

/** UUIDs are random enough, but versions 1 and 7 are not in every word. */
function hashOf(words: Uint32Array, at: number): number {
  const high = Math.imul((words[at] ?? 0) ^ Math.imul(words[at + 1] ?? 0, 0x9e3779b1), 0x85ebca6b);
  const low = Math.imul(
    (words[at + 2] ?? 0) ^ Math.imul(words[at + 3] ?? 0, 0xc2b2ae35),
    0x27d4eb2f,
  );
  const mixed = high ^ (low >>> 15) ^ low;
  return mixed ^ (mixed >>> 16);
}
