import { ExporterError } from "@kube-state-mosaic/errors";
import type { Block, Row, RowLedger, StoreSizes, StoreSnapshot } from "./contract.ts";
import type { Sealing } from "./family-block.ts";
import { HotBudget } from "./hot-budget.ts";
import { RowDirectory } from "./row-directory.ts";
import { mostGroupRows, writeGroupDirectory } from "./group-directory.ts";
import { RowGroup } from "./row-group.ts";

export interface StoreSettings {
  /** Rows a full group has, 1 to 128. More is smaller, and makes a change dearer. Default 64. */
  readonly groupRows?: number;
  /** Rows a group of objects born after the first list has: the young die young. Default 8. */
  readonly youngRows?: number;
  /** Level of deflate, 1 to 9. Default 1. */
  readonly level?: number;
  /** Shared by all stores of a process; default: one of its own, of 32 MB. */
  readonly budget?: HotBudget;
  /** A group is gathered with others when no row was born or died in it for this long, in milliseconds. Default 120,000. */
  readonly gatherAfter?: number;
  readonly ledger?: RowLedger;
  /** Milliseconds from any origin. Default: the monotonic clock. */
  readonly clock?: () => number;
}

/** What `set` did: `stale` is a row that is certainly older than what is held. */
export type SetOutcome = "added" | "changed" | "stale";

/** The rendered rows of one resource (in one watched namespace), compressed. All calls are synchronous and short. */
export class MetricsStore {
  readonly #families: number;
  readonly #groupRows: number;
  readonly #youngRows: number;
  readonly #gatherAfter: number;
  readonly #clock: () => number;
  readonly #ledger: RowLedger | undefined;
  readonly #sealing: Sealing;
  readonly #directory = new RowDirectory();
  /** By id, in the order of the text. */
  readonly #groups = new Map<number, RowGroup>();
  /** The group that takes the next row, by departure class. */
  readonly #filling = new Map<number, RowGroup>();
  /** Marks the rows of the current or last list. */
  #generation = 0;
  #replacing = false;
  #snapshot: StoreSnapshot | undefined;
  /** Blocks by family as in the last snapshot, while nothing in the family has changed. */
  readonly #lists: (readonly Block[] | undefined)[];

  constructor(families: number, settings: StoreSettings = {}) {
    const { groupRows = 64, youngRows = 8, level = 1, gatherAfter = 120_000 } = settings;
    requireInteger("groupRows", groupRows, [1, mostGroupRows]);
    requireInteger("youngRows", youngRows, [1, mostGroupRows]);
    requireInteger("level", level, [1, 9]);
    this.#families = families;
    this.#groupRows = groupRows;
    this.#youngRows = Math.min(youngRows, groupRows);
    this.#gatherAfter = gatherAfter;
    this.#ledger = settings.ledger;
    this.#clock = settings.clock ?? (() => performance.now());
    this.#sealing = { level, budget: settings.budget ?? new HotBudget(32 << 20) };
    this.#lists = Array.from({ length: families }, () => undefined);
  }

  /** Whether this very version is held. It then counts as seen by the list under way: there is nothing to render. */
  hasVersion(uid: string, resourceVersion: string): boolean {
    const row = this.#directory.find(uid);
    if (row < 0 || !this.#directory.hasVersion(row, resourceVersion)) return false;
    this.#directory.setMark(row, this.#generation);
    return true;
  }

  /** The version held of an object; undefined if there is none. */
  version(uid: string): string | undefined {
    const row = this.#directory.find(uid);
    return row < 0 ? undefined : this.#directory.version(row);
  }

  /** Keeps an object's row through the list under way as it is: it is listed, but cannot be rendered. False if there is none. */
  keep(uid: string): boolean {
    const row = this.#directory.find(uid);
    if (row < 0) return false;
    this.#directory.setMark(row, this.#generation);
    return true;
  }

  /**
   * A complete list begins (again): rows that are not set, kept or asked for by `hasVersion` until `endReplace` will go.
   * With `versionsRestarted` the rows held count as older than anything, whatever their versions say.
   */
  beginReplace(versionsRestarted = false): void {
    this.#generation++;
    this.#replacing = true;
    if (versionsRestarted)
      for (const row of this.#directory.rows()) this.#directory.setVersion(row, "0");
  }

  /** The list is whole: sweeps what it did not contain. Throws `STORE_NOT_REPLACING` if none has begun. Returns the number of rows that went. */
  endReplace(): number {
    if (!this.#replacing)
      throw new ExporterError(
        "STORE_NOT_REPLACING",
        "a list ended that had not begun; nothing is removed",
      );
    this.#replacing = false;
    let swept = 0;
    for (const row of this.#directory.rows())
      if (this.#directory.mark(row) !== this.#generation) {
        this.#remove(row);
        swept++;
      }
    this.#sealing.budget.settle();
    return swept;
  }

  /** The list broke: nothing is removed. */
  abortReplace(): void {
    this.#replacing = false;
  }

  /**
   * Holds a row in place of what its UID, or its name under another UID, had. A version that is lower than the one held
   * (both decimal) changes nothing. Throws `STORE_ROW_SHAPE` for a row of another number of families.
   */
  set(row: Row): SetOutcome {
    if (row.texts.length !== this.#families)
      throw new ExporterError(
        "STORE_ROW_SHAPE",
        `a row of ${row.texts.length} families for a store of ${this.#families}; the row keeps its old state`,
      );
    const outcome = this.#set(row);
    this.#sealing.budget.settle();
    return outcome;
  }

  #set(row: Row): SetOutcome {
    const directory = this.#directory;
    let number = directory.find(row.uid);
    const outcome = number < 0 ? "added" : "changed";
    if (number >= 0) {
      directory.setMark(number, this.#generation);
      if (directory.isOlder(row.resourceVersion, number)) return "stale";
    }
    const namesake = directory.findName(row.namespace, row.name);
    if (namesake !== number && namesake >= 0) {
      // Names are unique at any moment, so the older of the two objects is gone (list-watch §8.4).
      if (directory.isOlder(row.resourceVersion, namesake)) return "stale";
      this.#remove(namesake);
    }
    if (number < 0) number = directory.add(row);
    else if (namesake !== number) this.#rename(number, row);
    directory.setMark(number, this.#generation);
    directory.setVersion(number, row.resourceVersion);
    directory.setHashSlot(number, row.hashSlot ?? 0);
    if (outcome === "added") {
      // A row without any text changes no family, but the number of rows.
      this.#snapshot = undefined;
      this.#ledger?.born(directory.uidKey(number), row.hashSlot ?? 0);
    }
    this.#write(number, row);
    return outcome;
  }

  #rename(number: number, { namespace, name }: Row): void {
    this.#directory.rename(number, namespace, name);
    const group = this.#groups.get(this.#directory.group(number));
    if (group !== undefined) group.directory = undefined;
  }

  #write(number: number, row: Row): void {
    let group = this.#groups.get(this.#directory.group(number));
    let slot = this.#directory.slot(number);
    if (slot !== noSlot && group !== undefined && group.departure !== row.departure) {
      this.#vacate(group, slot);
      slot = noSlot;
    }
    if (slot === noSlot || group === undefined) {
      const rows = this.#replacing ? this.#groupRows : this.#youngRows;
      group = this.#fillingGroup(row.departure, rows);
      slot = group.take(number);
      group.changedAt = this.#clock();
      this.#directory.place(number, group.id, slot);
    }
    group.write(slot, row.texts);
    if (group.full && this.#filling.get(group.departure) === group) {
      this.#filling.delete(group.departure);
      group.seal();
    }
  }

  readonly #changed = (family: number): void => {
    this.#snapshot = undefined;
    this.#lists[family] = undefined;
  };

  /** Removes an object's row; false if there is none. */
  delete(uid: string): boolean {
    const row = this.#directory.find(uid);
    if (row < 0) return false;
    this.#remove(row);
    this.#sealing.budget.settle();
    return true;
  }

  #remove(row: number): void {
    const group = this.#groups.get(this.#directory.group(row));
    if (group !== undefined) this.#vacate(group, this.#directory.slot(row));
    this.#ledger?.died(this.#directory.uidKey(row), this.#directory.hashSlot(row));
    this.#directory.remove(row);
    this.#snapshot = undefined;
  }

  #vacate(group: RowGroup, slot: number): void {
    group.changedAt = this.#clock();
    if (group.count > 1) {
      group.clear(slot);
      return;
    }
    this.#drop(group);
  }

  #drop(group: RowGroup): void {
    this.#groups.delete(group.id);
    if (this.#filling.get(group.departure) === group) this.#filling.delete(group.departure);
    group.discard();
    this.#lists.fill(undefined);
    this.#snapshot = undefined;
  }

  #fillingGroup(departure: number, capacity: number): RowGroup {
    const known = this.#filling.get(departure);
    if (known !== undefined) return known;
    const group = this.#newGroup(departure, capacity);
    this.#filling.set(departure, group);
    return group;
  }

  #newGroup(departure: number, capacity: number): RowGroup {
    const group = new RowGroup({
      families: this.#families,
      capacity,
      departure,
      sealing: this.#sealing,
      changed: this.#changed,
    });
    this.#groups.set(group.id, group);
    return group;
  }

  /** What is held now; the same object as before if nothing has changed. Later changes do not show in it. */
  snapshot(): StoreSnapshot {
    if (this.#snapshot !== undefined) return this.#snapshot;
    const families: (readonly Block[])[] = [];
    for (let family = 0; family < this.#families; family++)
      families.push((this.#lists[family] ??= this.#blocks(family)));
    this.#snapshot = { rows: this.#directory.count, families };
    return this.#snapshot;
  }

  /** As `snapshot`, of the departure classes that `shows` accepts: one view of a store that serves two. */
  snapshotOf(shows: (departure: number) => boolean): StoreSnapshot {
    const groups = [...this.#groups.values()].filter(({ departure }) => shows(departure));
    const families: Block[][] = [];
    for (let family = 0; family < this.#families; family++) {
      const blocks: Block[] = [];
      for (const group of groups) {
        const block = group.block(family);
        if (block !== undefined) blocks.push(block);
      }
      families.push(blocks);
    }
    return { rows: groups.reduce((sum, { count }) => sum + count, 0), families };
  }

  /** Who the rows of each group are, in the order of the text, as `group-directory.ts` writes it; of the classes that `shows` accepts. */
  directories(shows: (departure: number) => boolean = () => true): readonly Block[] {
    const directories: Block[] = [];
    for (const group of this.#groups.values())
      if (shows(group.departure))
        directories.push((group.directory ??= writeGroupDirectory(group, this.#directory)));
    return directories;
  }

  /**
   * Removes all rows of the departure classes that `leaves` accepts, whole groups at a time and without inflating anything.
   * Works for about 5 ms; true if there is more to do.
   */
  depart(leaves: (departure: number) => boolean): boolean {
    let groups = 0;
    for (const group of this.#groups.values()) {
      if (!leaves(group.departure)) continue;
      if (groups++ === departuresASlice) return true;
      for (const row of group.rows) {
        if (row < 0) continue;
        this.#ledger?.departed(this.#directory.uidKey(row), this.#directory.hashSlot(row));
        this.#directory.remove(row);
      }
      this.#drop(group);
    }
    return false;
  }

  /**
   * Moves rows of the departure classes in `from` whose class is another one now, `classOf` their hash slot, into groups of
   * that class. Works for about 5 ms; true if there is more to do.
   */
  regroup(from: ReadonlySet<number>, classOf: (hashSlot: number) => number): boolean {
    let groups = 0;
    for (const group of this.#groups.values()) {
      if (!from.has(group.departure)) continue;
      const moving = group.rows.filter(
        (row) => row >= 0 && classOf(this.#directory.hashSlot(row)) !== group.departure,
      );
      if (moving.length === 0) continue;
      if (groups++ === regroupsASlice) return true;
      const texts = group.texts();
      for (const row of moving) {
        const slot = this.#directory.slot(row);
        const target = this.#fillingGroup(classOf(this.#directory.hashSlot(row)), this.#groupRows);
        const taken = target.take(row);
        target.changedAt = this.#clock();
        target.write(taken, texts[slot] ?? []);
        this.#directory.place(row, target.id, taken);
        if (target.full) {
          this.#filling.delete(target.departure);
          target.seal();
        }
        this.#vacate(group, slot);
      }
      this.#snapshot = undefined;
    }
    return false;
  }

  #blocks(family: number): readonly Block[] {
    const blocks: Block[] = [];
    for (const group of this.#groups.values()) {
      const block = group.block(family);
      if (block !== undefined) blocks.push(block);
    }
    return blocks;
  }

  /**
   * Gathers quiet groups that are at most 3/4 full into one full group: what births and deaths leave behind.
   * Works for about 5 ms; true if it did anything, so that it should be called again (soon, not at once).
   */
  maintain(): boolean {
    const sources = this.#gatherable();
    const [first] = sources;
    if (first === undefined) return false;
    const target = this.#newGroup(first.departure, this.#groupRows);
    target.changedAt = this.#clock();
    for (const source of sources) {
      const texts = source.texts();
      for (const [slot, row] of source.rows.entries()) {
        if (row < 0) continue;
        const taken = target.take(row);
        this.#directory.place(row, target.id, taken);
        target.write(taken, texts[slot] ?? []);
      }
      this.#drop(source);
    }
    target.seal();
    return true;
  }

  /** Quiet groups of one class whose rows fit into one group, two at least; else none. */
  #gatherable(): RowGroup[] {
    const quietSince = this.#clock() - this.#gatherAfter;
    const byDeparture = new Map<number, { groups: RowGroup[]; rows: number }>();
    for (const group of this.#groups.values()) {
      if (group.changedAt > quietSince || group.count * 4 > this.#groupRows * 3) continue;
      const known = byDeparture.get(group.departure);
      if (known === undefined)
        byDeparture.set(group.departure, { groups: [group], rows: group.count });
      else if (known.rows + group.count <= this.#groupRows) {
        known.groups.push(group);
        known.rows += group.count;
      } else if (known.groups.length > 1) return known.groups;
    }
    for (const { groups } of byDeparture.values()) if (groups.length > 1) return groups;
    return [];
  }

  sizes(): StoreSizes {
    let hotBytes = 0;
    let sealedBytes = 0;
    let directoryBytes = this.#directory.bytes;
    for (const group of this.#groups.values()) {
      hotBytes += group.hotBytes;
      sealedBytes += group.sealedBytes;
      directoryBytes += group.directoryBytes;
    }
    return {
      rows: this.#directory.count,
      groups: this.#groups.size,
      hotBytes,
      sealedBytes,
      directoryBytes,
    };
  }

  /** The texts of a row, for debugging; inflates its whole group. */
  find(namespace: string, name: string): readonly string[] | undefined {
    const row = this.#directory.findName(namespace, name);
    const group = this.#groups.get(this.#directory.group(row));
    return row < 0 ? undefined : group?.texts()[this.#directory.slot(row)];
  }
}

/** 64 rows each, 0.5 µs a row. */
const departuresASlice = 128;
/** Each inflates a group and deflates its rows again. */
const regroupsASlice = 1;

/** The slot of a row that is nowhere yet. */
const noSlot = 255;

function requireInteger(
  setting: string,
  value: number,
  [low, high]: readonly [number, number],
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new ExporterError(
    "STORE_SETTINGS",
    `${setting} of a store is ${low} to ${high}, not ${value}; no store is made`,
    { context: { setting, value } },
  );
}
