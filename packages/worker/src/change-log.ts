import type { Sums, SumsReport } from "@kube-state-mosaic/store";

/** A coordinator that has not asked for this long starts anew. */
const keptMs = 180_000;
const mostEntries = 65_536;
const smallest = 64;

/** Far more entries than a log ever has. */
const range = 2 ** 32;
let logs = 0;

/** Two independent sums of 32 bits of what was born and has not died; objects are told apart by the 128 bits of their UID. */
export class RunningSums {
  n = 0;
  a = 0;
  b = 0;

  add(key: Uint32Array, sign: 1 | -1): void {
    this.n += sign;
    this.a = (this.a + sign * mixA(key)) >>> 0;
    this.b = (this.b + sign * mixB(key)) >>> 0;
  }

  clear(): void {
    this.n = 0;
    this.a = 0;
    this.b = 0;
  }
}

/** MurmurHash3's finalizer over the words of a key: an XOR of two UIDs says nothing about the sums of their mixes. */
export function mixA(key: Uint32Array): number {
  return mix(key, 0x9e3779b1);
}

export function mixB(key: Uint32Array): number {
  return mix(key, 0x85ebca6b);
}

function mix(key: Uint32Array, seed: number): number {
  let hash = seed;
  for (let word = 0; word < 4; word++) {
    hash = Math.imul(hash ^ (key[word] ?? 0), 0xcc9e2d51);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x1b873593);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * The last births and deaths by version: 32 bytes each, for three minutes and at most 65,536 of them. With the present sums it gives those
 * of each version since.
 */
export class ChangeLog {
  /**
   * The number of the next entry. Each log counts in a range of its own: whoever has read the log of a resource that was built anew since
   * is below the first entry of this one.
   */
  position: number = logs++ * range;
  /** Version of the newest entry that is not kept any more; 0 if all are. */
  floor = 0;
  readonly #now: () => number;
  #first: number = this.position;
  #capacity = smallest;
  #times = new Float64Array(smallest);
  #versions = new Float64Array(smallest);
  /** Slot, sign, a, b. */
  #changes = new Int32Array(smallest * 4);

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What was written says nothing any more: the state of `version` and before cannot be told. */
  clear(version: number): void {
    // A number of its own, so that whoever has read up to here notices.
    this.#first = ++this.position;
    this.floor = version;
  }

  push(version: number, slot: number, change: { key: Uint32Array; sign: 1 | -1 }): void {
    const now = this.#now();
    const at = () => this.#first & (this.#capacity - 1);
    while (this.#first < this.position && (this.#times[at()] ?? 0) < now - keptMs) this.#evict();
    if (this.position - this.#first === this.#capacity) this.#makeRoom();
    const index = this.position++ & (this.#capacity - 1);
    this.#times[index] = now;
    this.#versions[index] = version;
    const { key, sign } = change;
    this.#changes.set([slot, sign, mixA(key), mixB(key)], index * 4);
  }

  /**
   * The sums now, at `from` if earlier entries are missing, and after each entry from `position` on (undefined: all that are kept) in the slots that count: one byte each,
   * undefined for all. `since`: from where on the rest of the state is known.
   */
  report(now: Sums, since: number, query: LogQuery): SumsReport {
    const { position, slots } = query;
    const first = Math.max(position ?? this.#first, this.#first);
    let { n, a, b } = now;
    const points: number[] = [];
    for (let entry = this.position - 1; entry >= first; entry--) {
      const index = entry & (this.#capacity - 1);
      const slot = this.#changes[index * 4] ?? 0;
      if (slots !== undefined && slots[slot] !== 1) continue;
      // Backwards, turned around at the end.
      points.push(b, a, n, this.#versions[index] ?? 0);
      const sign = this.#changes[index * 4 + 1] ?? 0;
      n -= sign;
      a = (a - sign * (this.#changes[index * 4 + 2] ?? 0)) >>> 0;
      b = (b - sign * (this.#changes[index * 4 + 3] ?? 0)) >>> 0;
    }
    const from = Math.max(since, this.floor);
    if (position === undefined || position < this.#first) points.push(b, a, n, from);
    return { ...plain(now), since: from, points: points.reverse() };
  }

  #evict(): void {
    this.floor = this.#versions[this.#first++ & (this.#capacity - 1)] ?? this.floor;
  }

  #makeRoom(): void {
    if (this.#capacity === mostEntries) return this.#evict();
    const capacity = this.#capacity * 2;
    const [times, versions] = [new Float64Array(capacity), new Float64Array(capacity)];
    const changes = new Int32Array(capacity * 4);
    for (let entry = this.#first; entry < this.position; entry++) {
      const [from, to] = [entry & (this.#capacity - 1), entry & (capacity - 1)];
      times[to] = this.#times[from] ?? 0;
      versions[to] = this.#versions[from] ?? 0;
      changes.set(this.#changes.subarray(from * 4, from * 4 + 4), to * 4);
    }
    [this.#capacity, this.#times, this.#versions, this.#changes] = [
      capacity,
      times,
      versions,
      changes,
    ];
  }
}

export interface LogQuery {
  readonly position: number | undefined;
  readonly slots: Uint8Array | undefined;
}

function plain({ n, a, b }: Sums): Sums {
  return { n, a, b };
}
