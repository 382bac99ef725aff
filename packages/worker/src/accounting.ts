import { slotCount } from "@kube-state-mosaic/sharding";
import { uidKey, type ReflectorReport, type RowLedger, type Sums } from "@kube-state-mosaic/store";
import type { RawObject } from "@kube-state-mosaic/wire";
import { ChangeLog, mixA, mixB, RunningSums } from "./change-log.ts";

/** What part of a stream is reported on. */
export interface AccountingView {
  /** One byte a slot; undefined: everything that is held. */
  readonly slots: Uint8Array | undefined;
  /** Slot to the ordinal of the shard it moves to. */
  readonly gainers: ReadonlyMap<number, string> | undefined;
}

/** The part of a reflector's report that is known here. */
export type AccountReport = Pick<
  ReflectorReport,
  "version" | "eventVersion" | "undecodable" | "listing" | "shown" | "view" | "stream" | "probe"
>;

const unknown = Number.POSITIVE_INFINITY;

/**
 * What proves that shards add up (docs/design/completeness.md): for the rows that a store holds, by hash slot, and for everything that came by
 * on the stream, a count and two sums of UIDs, with the versions at which they changed. The store tells of rows, the sink of the stream,
 * so a row that the store loses, or the sink never writes, makes a difference.
 */
export class Accounting implements RowLedger {
  readonly #counts = new Int32Array(slotCount);
  readonly #sumsA = new Int32Array(slotCount);
  readonly #sumsB = new Int32Array(slotCount);
  /** By slot: the version from which on the log tells all about its rows. */
  readonly #since = new Float64Array(slotCount).fill(unknown);
  /** By slot: the highest version applied in it. */
  readonly #shown = new Float64Array(slotCount);
  readonly #rowLog: ChangeLog;
  readonly #stream = new RunningSums();
  readonly #streamLog: ChangeLog;
  readonly #streamSince: { version: number } = { version: unknown };
  readonly #undecodable = new Set<string>();
  readonly #countsStream: boolean;
  #listing = false;
  /** While a list is read, rows are those of neither: what is told is what was held when it began. */
  #before:
    | { readonly counts: Int32Array; readonly a: Int32Array; readonly b: Int32Array }
    | undefined;
  #streamBefore: Sums = { n: 0, a: 0, b: 0 };
  #version = 0;
  #eventVersion = 0;
  /** The version that is being applied; undefined for rows of a list, which are born at no version of their own. */
  #applying: number | undefined;
  #probe: ReflectorReport["probe"];

  /** `countsStream`: the stream is the whole collection, since no shard selector was sent. `now`: monotonic milliseconds. */
  constructor(countsStream: boolean, now: () => number = () => performance.now()) {
    this.#countsStream = countsStream;
    this.#rowLog = new ChangeLog(now);
    this.#streamLog = new ChangeLog(now);
  }

  get version(): number {
    return this.#version;
  }

  /** Where the two logs stand. */
  get position(): readonly number[] {
    return [this.#rowLog.position, this.#streamLog.position];
  }

  born(key: Uint32Array, hashSlot: number): void {
    this.#count(key, hashSlot, 1);
  }

  died(key: Uint32Array, hashSlot: number): void {
    this.#count(key, hashSlot, -1);
  }

  /** The row's slot belongs to another shard now; nobody asks for it here any more. */
  departed(key: Uint32Array, hashSlot: number): void {
    this.#add(key, hashSlot, -1);
  }

  listStarted(): void {
    if (!this.#listing) {
      this.#listing = true;
      this.#before = {
        counts: this.#counts.slice(),
        a: this.#sumsA.slice(),
        b: this.#sumsB.slice(),
      };
      const { n, a, b } = this.#stream;
      this.#streamBefore = { n, a, b };
    }
    this.#stream.clear();
    this.#undecodable.clear();
    this.#applying = undefined;
  }

  /** `swept`: rows went because the list did not have them. */
  listCompleted(resourceVersion: string, swept: number): void {
    const version = Number(resourceVersion);
    this.#listing = false;
    this.#before = undefined;
    this.#version = version;
    this.#since.fill(version);
    this.#streamSince.version = version;
    this.#rowLog.clear(version);
    this.#streamLog.clear(version);
    if (swept > 0) this.#shown.fill(version);
  }

  /** Rows of these slots come from a list of their own now. */
  gainStarted(covers: (slot: number) => boolean): void {
    for (let slot = 0; slot < slotCount; slot++) if (covers(slot)) this.#since[slot] = unknown;
  }

  gainCompleted(covers: (slot: number) => boolean, resourceVersion: string): void {
    if (this.#listing) return;
    const version = Math.max(Number(resourceVersion), this.#version);
    for (let slot = 0; slot < slotCount; slot++) if (covers(slot)) this.#since[slot] = version;
    // Rows of the list have no entries.
    this.#rowLog.clear(this.#version);
  }

  /** An object came by, own or foreign, in a list or an event. */
  passed(raw: RawObject, change: "born" | "changed" | "died"): void {
    const version = Number(raw.resourceVersion);
    this.#applying = this.#listing ? undefined : version;
    if (this.#countsStream && change !== "changed" && raw.uidStart < raw.uidEnd) {
      const sign = change === "born" ? 1 : -1;
      const key = uidKey(raw.uid);
      this.#stream.add(key, sign);
      if (!this.#listing) this.#streamLog.push(version, 0, { key, sign });
    }
    if (this.#listing) return;
    this.#version = Math.max(this.#version, version);
    this.#eventVersion = Math.max(this.#eventVersion, version);
  }

  /** An own object's state is being applied. */
  applying(raw: RawObject, slot: number): void {
    this.#shown[slot] = Math.max(this.#shown[slot] ?? 0, Number(raw.resourceVersion));
    if (this.#undecodable.size > 0) this.#undecodable.delete(raw.uid);
  }

  /** Rows that come or go until the next `passed` do so at no version of their own. */
  applyingList(): void {
    this.#applying = undefined;
  }

  /** An object could not be made a row of; without a UID nobody can. */
  failed(raw: RawObject): void {
    this.#undecodable.add(raw.uid || `${raw.namespace}/${raw.name}`);
  }

  bookmark(resourceVersion: string): void {
    if (!this.#listing) this.#version = Math.max(this.#version, Number(resourceVersion));
  }

  /** The whole collection has so many objects at a version; `sums`: and these, if all of them were listed. */
  probed(resourceVersion: string, count: number, sums?: Sums): void {
    this.#probe = { version: Number(resourceVersion), count, ...(sums && { sums }) };
  }

  /** `since`: an earlier `position`; undefined for all that is kept. */
  report({ slots, gainers }: AccountingView, since: readonly number[] | undefined): AccountReport {
    const view = { n: 0, a: 0, b: 0 };
    let known = 0;
    const {
      counts,
      a: sumsA,
      b: sumsB,
    } = this.#before ?? {
      counts: this.#counts,
      a: this.#sumsA,
      b: this.#sumsB,
    };
    for (let slot = 0; slot < slotCount; slot++) {
      if (slots !== undefined && slots[slot] !== 1) continue;
      known = Math.max(known, this.#since[slot] ?? unknown);
      view.n += counts[slot] ?? 0;
      view.a = (view.a + (sumsA[slot] ?? 0)) >>> 0;
      view.b = (view.b + (sumsB[slot] ?? 0)) >>> 0;
    }
    const [position, streamPosition] = since ?? [];
    const shown = gainers && this.#shownTo(gainers);
    return {
      version: this.#version,
      eventVersion: this.#eventVersion,
      undecodable: this.#undecodable.size,
      ...(this.#listing && { listing: true as const }),
      ...(shown && { shown }),
      ...(known < unknown && { view: this.#rowLog.report(view, known, { position, slots }) }),
      ...(this.#countsStream &&
        this.#streamSince.version < unknown && {
          stream: this.#streamLog.report(
            this.#listing ? this.#streamBefore : this.#stream,
            this.#streamSince.version,
            {
              position: streamPosition,
              slots: undefined,
            },
          ),
        }),
      ...(this.#probe && { probe: this.#probe }),
    };
  }

  #shownTo(gainers: ReadonlyMap<number, string>): Record<string, number> {
    const shown: Record<string, number> = {};
    // 0 says that nothing was shown, so that a coordinator does not wait for what a gainer may hear of only in a minute.
    for (const [slot, ordinal] of gainers)
      shown[ordinal] = Math.max(shown[ordinal] ?? 0, this.#shown[slot] ?? 0);
    return shown;
  }

  #count(key: Uint32Array, slot: number, sign: 1 | -1): void {
    this.#add(key, slot, sign);
    if (this.#applying !== undefined) this.#rowLog.push(this.#applying, slot, { key, sign });
  }

  #add(key: Uint32Array, slot: number, sign: 1 | -1): void {
    this.#counts[slot] = (this.#counts[slot] ?? 0) + sign;
    this.#sumsA[slot] = (this.#sumsA[slot] ?? 0) + sign * mixA(key);
    this.#sumsB[slot] = (this.#sumsB[slot] ?? 0) + sign * mixB(key);
  }
}
