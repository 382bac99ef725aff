import type { Clock } from "@kube-state-mosaic/kubernetes";
import { leaseDuration, livenessOf } from "@kube-state-mosaic/sharding";
import { isDeepStrictEqual } from "node:util";
import type { Connection } from "./connection.ts";
import type { Freshness, MemberRecord, ObservedMember } from "./member.ts";

/** One member as it is stored. */
export interface StoredMember {
  readonly ordinal: string;
  readonly holder: string;
  readonly record: MemberRecord;
  /** Changes with each write. */
  readonly version: string;
}

interface Row {
  readonly member: StoredMember;
  /** Monotonic milliseconds; undefined while nothing but what was there before has been seen. */
  readonly changedAt: number | undefined;
  /** When the record went without having been released: its member may be about to write it again. */
  readonly removedAt: number | undefined;
}

/** What an observer has seen of the members. Times stored by other machines are never compared with our own. */
export class MemberTable {
  readonly #clock: Pick<Clock, "now">;
  readonly #connection: Connection;
  readonly #rows = new Map<string, Row>();

  constructor(clock: Pick<Clock, "now">, connection: Connection) {
    this.#clock = clock;
    this.#connection = connection;
  }

  /**
   * Everything that is stored; others are forgotten. Answers whether anything but versions changed. `live`: what changed since
   * the last look did so just now; otherwise it may be long ago, and says nothing about who is alive.
   */
  replace(members: readonly StoredMember[], live: boolean): boolean {
    const present = new Set(members.map(({ ordinal }) => ordinal));
    let changed = false;
    for (const ordinal of this.#rows.keys())
      if (!present.has(ordinal)) changed = this.delete(ordinal) || changed;
    for (const member of members) changed = this.set(member, live) || changed;
    return changed;
  }

  set(member: StoredMember, live: boolean): boolean {
    const before = this.#rows.get(member.ordinal);
    const renewed = before?.member.version !== member.version;
    const revived =
      live && renewed && before !== undefined && this.#freshnessOf(before) !== "fresh";
    const changedAt = live && renewed ? this.#clock.now() : before?.changedAt;
    this.#rows.set(member.ordinal, { member, changedAt, removedAt: undefined });
    return (
      revived ||
      before?.member.holder !== member.holder ||
      before.removedAt !== undefined ||
      !isDeepStrictEqual(before.member.record, member.record)
    );
  }

  /** The record is gone. One that was not released before stays for 40 s, since its member may be alive and write it again. */
  delete(ordinal: string): boolean {
    const row = this.#rows.get(ordinal);
    if (row === undefined || row.removedAt !== undefined) return false;
    if (row.member.holder === "") this.#rows.delete(ordinal);
    else this.#rows.set(ordinal, { ...row, removedAt: this.#clock.now() });
    return true;
  }

  freshness(ordinal: string): Freshness {
    const row = this.#rows.get(ordinal);
    return row === undefined ? this.#liveness(undefined) : this.#freshnessOf(row);
  }

  members(): readonly ObservedMember[] {
    for (const [ordinal, row] of this.#rows)
      if (row.removedAt !== undefined && this.#clock.now() - row.removedAt >= leaseDuration)
        this.#rows.delete(ordinal);
    return [...this.#rows.values()]
      .map((row) => {
        const { ordinal, holder, record } = row.member;
        return { ordinal, holder, record, freshness: this.#freshnessOf(row) };
      })
      .toSorted((a, b) => Number(a.ordinal) - Number(b.ordinal));
  }

  #freshnessOf({ member, changedAt }: Row): Freshness {
    // Who released its identity has said that it is not there any more.
    return this.#liveness(member.holder === "" ? undefined : changedAt);
  }

  #liveness(changedAt: number | undefined): Freshness {
    const connectedSince = this.#connection.since;
    return livenessOf({ changedAt, connectedSince, now: this.#clock.now() });
  }
}
