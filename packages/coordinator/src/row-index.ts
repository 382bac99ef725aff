import {
  directoryRow,
  mostGroupRows,
  type Block,
  type BlockAnswer,
  type DirectoryRow,
  type RowTargets,
} from "@kube-state-mosaic/store";

/** An answer and whose it is. */
export interface IndexedAnswer {
  readonly ordinal: string;
  readonly answer: Pick<BlockAnswer, "manifest" | "directories">;
  /** Only rows of these hash slots count, one byte each; undefined: all. */
  readonly slots?: Uint8Array | undefined;
}

/** What the names and UIDs of all shards' rows came to. */
export interface Identities {
  /** Resources of which one object is in two shards: a fault, since each UID has one owner. */
  readonly duplicates: ReadonlySet<string>;
  /** Rows found dead since the index began. */
  readonly rowsCut: number;
}

/** The rows of one row group of one shard. */
interface Group {
  readonly ordinal: string;
  readonly slots: Uint8Array | undefined;
  readonly resource: string;
  /** Of the directory. */
  readonly id: number;
  /** As it was received. */
  bytes: Buffer;
  /** By number of parts. */
  readonly targets: Map<number, RowTargets>;
}

interface Shard {
  readonly incarnation: string;
  readonly slots: Uint8Array | undefined;
  /** By resource: the list that was read, and the numbers of its groups. */
  readonly resources: Map<string, { list: readonly Block[]; groups: Map<number, number> }>;
  /** By row group's id. */
  readonly groups: Map<number, number>;
  /** Places of rows of dead objects by number of their group, and a number that changes with them; 0 while all rows count. */
  readonly deadIn: Map<number, Set<number>>;
  revision: number;
}

interface Name {
  readonly resource: string;
  readonly high: number;
  readonly low: number;
}

const hashSlots = 1_024;
/** As long as a manifest may stand for a shard that does not answer. */
const rememberMs = 300_000;

/**
 * Who the rows of all shards are, 36 bytes a row, kept in step by births and deaths alone. Two rows of one name under different UIDs are
 * an object and its successor: names are unique at any moment, so the one with the lower version was deleted before the other was
 * born, and its shard has not heard of that yet (rule C2 of docs/design/completeness.md). Its row is to be left out. A UID that was found
 * dead stays dead: its successor may go while the shard that is behind still shows it.
 */
export class RowIndex {
  readonly #shards = new Map<string, Shard>();
  readonly #groups: (Group | undefined)[] = [];
  readonly #free: number[] = [];
  /** Chains of rows by hash of their name; a row's number is its group's times `mostGroupRows`, plus its slot. -1 ends a chain. */
  #heads = new Int32Array(1_024).fill(-1);
  #next = new Int32Array(0);
  #rows = 0;
  readonly #contested = new Map<string, Name>();
  readonly #dead = new Map<string, Name & { readonly uidHash: number; seenAt: number }>();
  #revision = 0;
  #identities: Identities = { duplicates: new Set(), rowsCut: 0 };

  /** Takes the answers that one exposition is made of. `now`: monotonic milliseconds. */
  update(answers: readonly IndexedAnswer[], now: number): Identities {
    const leaving: number[] = [];
    const arriving: { readonly shard: Shard; readonly block: Block; readonly group: Group }[] = [];
    for (const [ordinal, shard] of this.#shards) {
      const one = answers.find((other) => other.ordinal === ordinal);
      const { incarnation } = one?.answer.manifest ?? {};
      if (incarnation === shard.incarnation && sameSlots(one?.slots, shard.slots)) continue;
      leaving.push(...shard.groups.values());
      this.#shards.delete(ordinal);
    }
    for (const one of answers) {
      const { ordinal, answer, slots } = one;
      const shard = this.#shardOf(one);
      const names = answer.manifest.resources.map(({ name }) => name);
      for (const [resource, held] of shard.resources)
        if (!names.includes(resource)) {
          for (const [group, number] of held.groups) {
            leaving.push(number);
            shard.groups.delete(group);
          }
          shard.resources.delete(resource);
        }
      for (const [index, resource] of names.entries()) {
        const list = answer.directories[index] ?? [];
        const before = shard.resources.get(resource);
        if (before?.list === list) continue;
        const groups = new Map<number, number>();
        for (const block of list) {
          const id = block.group ?? 0;
          const number = before?.groups.get(id) ?? -1;
          const known = this.#groups[number];
          if (known?.id === block.id) {
            // What is not read again must not keep the whole list before alive.
            known.bytes = block.deflated();
            groups.set(id, number);
            before?.groups.delete(id);
            continue;
          }
          const bytes = block.deflated();
          const group = { ordinal, slots, resource, id: block.id, bytes, targets: new Map() };
          arriving.push({ shard, block, group });
        }
        for (const [id, number] of before?.groups ?? []) {
          leaving.push(number);
          shard.groups.delete(id);
        }
        shard.resources.set(resource, { list, groups });
      }
    }
    if (leaving.length === 0 && arriving.length === 0) return this.#identities;
    for (const number of leaving) this.#remove(number);
    for (const { shard, block, group } of arriving) {
      const number = this.#add(group);
      shard.groups.set(block.group ?? 0, number);
      shard.resources.get(group.resource)?.groups.set(block.group ?? 0, number);
    }
    return (this.#identities = this.#settle(now));
  }

  /** Changes when other rows of a shard count; 0 while all do. */
  revision(ordinal: string): number {
    return this.#shards.get(ordinal)?.revision ?? 0;
  }

  /**
   * Where the rows of a group go when the exposition is cut into `parts` by hash slot, those that do not count nowhere; undefined if all
   * go to the first, or nothing is known of them.
   */
  targets(ordinal: string, group: number, parts: number): RowTargets | undefined {
    const shard = this.#shards.get(ordinal);
    const number = shard?.groups.get(group) ?? -1;
    const known = this.#groups[number];
    const dead = shard?.deadIn.get(number);
    if (known === undefined) return undefined;
    if (parts === 1 && dead === undefined && known.slots === undefined) return undefined;
    let targets = known.targets.get(parts);
    if (targets !== undefined) return targets;
    targets = new Int16Array(mostGroupRows).fill(-1);
    for (const [row, { hashSlot }] of this.#entries(number)) {
      const place = row % mostGroupRows;
      if (dead?.has(place) !== true) targets[place] = Math.floor((hashSlot * parts) / hashSlots);
    }
    known.targets.set(parts, targets);
    return targets;
  }

  #shardOf({ ordinal, answer, slots }: IndexedAnswer): Shard {
    let shard = this.#shards.get(ordinal);
    if (shard === undefined) {
      const { incarnation } = answer.manifest;
      const empty = { resources: new Map(), groups: new Map(), deadIn: new Map() };
      shard = { incarnation, slots, ...empty, revision: slots ? ++this.#revision : 0 };
      this.#shards.set(ordinal, shard);
    }
    return shard;
  }

  #add(group: Group): number {
    const number = this.#free.pop() ?? this.#groups.length;
    this.#groups[number] = group;
    if ((number + 1) * mostGroupRows > this.#next.length) {
      const next = new Int32Array(Math.ceil((number + 1) * 1.5) * mostGroupRows);
      next.set(this.#next);
      this.#next = next;
    }
    for (const [row, entry] of this.#entries(number)) {
      const name = { resource: group.resource, high: entry.nameHigh, low: entry.nameLow };
      if (!this.#namesakes(name).next().done) this.#contested.set(keyOf(name), name);
      if (++this.#rows > this.#heads.length) this.#rehash();
      const chain = this.#chain(name);
      this.#next[row] = this.#heads[chain] ?? -1;
      this.#heads[chain] = row;
    }
    return number;
  }

  #remove(number: number): void {
    const { resource } = this.#groups[number] ?? { resource: "" };
    for (const [row, { nameHigh: high, nameLow: low }] of this.#entries(number)) {
      const chain = this.#chain({ resource, high, low });
      const next = this.#next[row] ?? -1;
      if (this.#heads[chain] === row) this.#heads[chain] = next;
      else {
        let at = this.#heads[chain] ?? -1;
        while (at >= 0 && this.#next[at] !== row) at = this.#next[at] ?? -1;
        if (at >= 0) this.#next[at] = next;
      }
      this.#rows--;
    }
    this.#groups[number] = undefined;
    this.#free.push(number);
  }

  #rehash(): void {
    const heads = new Int32Array(this.#heads.length * 2).fill(-1);
    const before = this.#heads;
    this.#heads = heads;
    for (const head of before)
      for (let row = head; row >= 0;) {
        const following = this.#next[row] ?? -1;
        const { resource, entry } = this.#entry(row);
        const chain = this.#chain({ resource, high: entry.nameHigh, low: entry.nameLow });
        this.#next[row] = heads[chain] ?? -1;
        heads[chain] = row;
        row = following;
      }
  }

  #chain({ resource, high, low }: Name): number {
    let seed = resource.length;
    for (let at = 0; at < resource.length; at++)
      seed = Math.imul(seed ^ resource.charCodeAt(at), 31);
    return (high ^ Math.imul(low, 0x9e3779b1) ^ seed) & (this.#heads.length - 1);
  }

  *#entries(number: number): Generator<[row: number, entry: DirectoryRow]> {
    const group = this.#groups[number];
    if (group === undefined) return;
    for (let place = 0; place < mostGroupRows; place++) {
      const entry = directoryRow(group.bytes, place);
      if (entry === undefined || group.slots?.[entry.hashSlot] === 0) continue;
      yield [number * mostGroupRows + place, entry];
    }
  }

  #entry(row: number): { readonly resource: string; readonly entry: DirectoryRow } {
    const group = this.#groups[Math.floor(row / mostGroupRows)];
    const entry = group && directoryRow(group.bytes, row % mostGroupRows);
    if (group === undefined || entry === undefined) throw new RangeError(`row ${row} is not there`);
    return { resource: group.resource, entry };
  }

  /** The rows of one name. */
  *#namesakes(name: Name): Generator<{ readonly row: number; readonly entry: DirectoryRow }> {
    for (let row = this.#heads[this.#chain(name)] ?? -1; row >= 0; row = this.#next[row] ?? -1) {
      const { resource, entry } = this.#entry(row);
      if (entry.nameHigh === name.high && entry.nameLow === name.low && resource === name.resource)
        yield { row, entry };
    }
  }

  /** Finds out who is dead, after rows came or went. */
  #settle(now: number): Identities {
    const duplicates = new Set<string>();
    let { rowsCut } = this.#identities;
    for (const [key, name] of this.#contested) {
      const rows = [...this.#namesakes(name)];
      const byUid = Map.groupBy(rows, ({ entry }) => entry.uidHash);
      if (rows.length < 2) this.#contested.delete(key);
      if ([...byUid.values()].some(({ length }) => length > 1)) duplicates.add(name.resource);
      const newest = Math.max(...rows.map(({ entry }) => entry.version));
      for (const { entry } of rows) {
        const uid = `${key} ${entry.uidHash}`;
        // A version that is no number says nothing.
        if (entry.version < 0 || entry.version >= newest || this.#dead.has(uid)) continue;
        this.#dead.set(uid, { ...name, uidHash: entry.uidHash, seenAt: now });
        rowsCut++;
      }
    }
    const before = new Map(
      [...this.#shards].map(([ordinal, shard]) => [ordinal, [...shard.deadIn]]),
    );
    for (const shard of this.#shards.values()) shard.deadIn.clear();
    for (const [uid, dead] of this.#dead) {
      for (const { row, entry } of this.#namesakes(dead)) {
        if (entry.uidHash !== dead.uidHash) continue;
        dead.seenAt = now;
        const number = Math.floor(row / mostGroupRows);
        const shard = this.#shards.get(this.#groups[number]?.ordinal ?? "");
        const slots = shard?.deadIn.get(number) ?? new Set<number>();
        shard?.deadIn.set(number, slots.add(row % mostGroupRows));
      }
      if (now - dead.seenAt > rememberMs) this.#dead.delete(uid);
    }
    for (const [ordinal, shard] of this.#shards) this.#noteDead(shard, before.get(ordinal) ?? []);
    return { duplicates, rowsCut };
  }

  #noteDead(shard: Shard, before: readonly (readonly [number, Set<number>])[]): void {
    if (shard.deadIn.size === 0 && before.length === 0) return;
    for (const [number] of [...before, ...shard.deadIn]) this.#groups[number]?.targets.clear();
    const allCount = shard.deadIn.size === 0 && shard.slots === undefined;
    shard.revision = allCount ? 0 : ++this.#revision;
  }
}

function sameSlots(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.every((own, slot) => own === b[slot]);
}

function keyOf({ resource, high, low }: Name): string {
  return `${resource} ${high}:${low}`;
}
