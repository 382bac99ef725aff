import { ExporterError } from "@kube-state-mosaic/errors";
import type { Clock } from "@kube-state-mosaic/kubernetes";
import { claimIdentity, keepIdentity, leaseDuration } from "@kube-state-mosaic/sharding";
import type { Identity, MemberRecord } from "./member.ts";

/** What is stored under one ordinal. */
export interface PlaceEntry {
  /** UID of the pod; empty if the place was released. */
  readonly holder: string;
  /** Changes with each write. */
  readonly version: string;
  /** Undefined if it cannot be read. */
  readonly record: MemberRecord | undefined;
}

/** The stored record of one ordinal, changed only by compare-and-swap. */
export interface PlaceStore<Entry extends PlaceEntry> {
  read(signal: AbortSignal): Promise<Entry | undefined>;
  /** Writes over `entry`, undefined for none. Answers what is stored now, undefined if that was not `entry` any more. */
  write(entry: Entry | undefined, news: PlaceNews, signal: AbortSignal): Promise<Entry | undefined>;
  /** Removes it unless it has changed. */
  remove(entry: Entry, signal: AbortSignal): Promise<void>;
}

export interface PlaceNews {
  readonly holder: string;
  readonly record: MemberRecord;
}

export interface OwnPlaceOptions<Entry extends PlaceEntry> {
  readonly store: PlaceStore<Entry>;
  readonly identity: Identity;
  readonly clock: Pick<Clock, "now">;
  /** The UID of the pod that the API knows under our pod's name; undefined if none. */
  readonly ownPodUid: ((signal: AbortSignal) => Promise<string | undefined>) | undefined;
}

export interface WriteResult {
  readonly outcome: "held" | "taken" | "lost";
  /** UID of the pod that has the identity. */
  readonly holder: string;
}

const ATTEMPTS = 3;

/** The place where one instance says that it is the member with its ordinal. */
export class OwnPlace<Entry extends PlaceEntry> {
  readonly #options: OwnPlaceOptions<Entry>;
  /** As it was last written; undefined when that is not known. */
  #entry: Entry | undefined;
  #held = false;
  /** Another holder's entry, and since when it has not changed, by our clock. */
  #rival: { readonly version: string; readonly since: number } | undefined;

  constructor(options: OwnPlaceOptions<Entry>) {
    this.#options = options;
  }

  /**
   * Writes the record under our identity. If another pod has it: `taken`, to be tried again, or `lost` for good. Throws what
   * made it impossible to know.
   */
  async write(record: MemberRecord, signal: AbortSignal): Promise<WriteResult> {
    const { store, identity } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const entry = this.#entry ?? (await store.read(signal));
      this.#entry = undefined;
      const outcome = await this.#claim(entry, signal);
      if (outcome !== "held") return { outcome, holder: entry?.holder ?? "" };
      const floor = Math.max(record.floor, entry?.record?.floor ?? 0);
      const news = { holder: identity.uid, record: { ...record, floor } };
      const written = await store.write(entry, news, signal);
      if (written === undefined) continue;
      this.#entry = written;
      this.#held = true;
      return { outcome: "held", holder: identity.uid };
    }
    throw new ExporterError(
      "REGISTRY_CONTENDED",
      `the record of member ${identity.ordinal} was changed by others ${ATTEMPTS} times while it was renewed; it is tried again`,
    );
  }

  /** Gives the identity up, if it is ours, so that a successor need not wait; with `gone` the record is removed too. */
  async release(gone: boolean, signal: AbortSignal): Promise<void> {
    const { store, identity } = this.#options;
    const entry = await store.read(signal);
    if (entry?.holder !== identity.uid || entry.record === undefined) return;
    // The floor stays: it is what a successor must not fall below.
    const record = { ...entry.record, views: {}, leaving: false, deadline: undefined, reason: "" };
    const released = await store.write(entry, { holder: "", record }, signal);
    if (gone && released !== undefined) await store.remove(released, signal);
  }

  async #claim(entry: Entry | undefined, signal: AbortSignal): Promise<WriteResult["outcome"]> {
    const { identity, ownPodUid } = this.#options;
    const ownUid = identity.uid;
    const holder = entry && { podUid: entry.holder, expired: this.#isExpired(entry) };
    if (this.#held) return keepIdentity(ownUid, holder) === "exit" ? "lost" : "held";
    let decision = claimIdentity({ ownUid, holder, podUid: undefined });
    if (decision === "ask") {
      // Whoever gets no answer waits until the record has expired.
      const podUid = await ownPodUid?.(signal).catch(() => undefined);
      decision = claimIdentity({ ownUid, holder, podUid });
    }
    if (decision === "exit") return "lost";
    return decision === "ask" ? "taken" : "held";
  }

  #isExpired({ holder, version }: Entry): boolean {
    const { clock, identity } = this.#options;
    if (holder === "" || holder === identity.uid) return false;
    if (this.#rival?.version !== version) this.#rival = { version, since: clock.now() };
    return clock.now() - this.#rival.since >= leaseDuration;
  }
}
