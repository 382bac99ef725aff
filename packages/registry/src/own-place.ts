import { ExporterError } from "@kube-state-mosaic/errors";
import type { Clock } from "@kube-state-mosaic/kubernetes";
import { FRESH_MS } from "./member-table.ts";
import type { Identity, MemberRecord } from "./member.ts";

/** What is stored under one ordinal. */
export interface PlaceEntry {
  /** UID of the pod; empty if the place was released. */
  readonly holder: string;
  /** Changes with each write. */
  readonly version: string;
}

/** The stored record of one ordinal, changed only by compare-and-swap. */
export interface PlaceStore<Entry extends PlaceEntry> {
  read(signal: AbortSignal): Promise<Entry | undefined>;
  /** Writes over `entry`, undefined for none. Answers what is stored now, undefined if that was not `entry` any more. */
  write(entry: Entry | undefined, news: PlaceNews, signal: AbortSignal): Promise<Entry | undefined>;
  /** Removes it unless it has changed. */
  remove(entry: Entry, signal: AbortSignal): Promise<void>;
}

/** Without a record, the one that is stored stays. */
export interface PlaceNews {
  readonly holder: string;
  readonly record?: MemberRecord;
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
   * Writes the record under our identity. If another instance has it: `lost` if we had it before, otherwise `taken`, to be
   * tried again. Throws what made it impossible to know.
   */
  async write(record: MemberRecord, signal: AbortSignal): Promise<WriteResult> {
    const { store, identity } = this.#options;
    const news = { holder: identity.uid, record };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const entry = this.#entry ?? (await store.read(signal));
      this.#entry = undefined;
      if (entry !== undefined && entry.holder !== "" && entry.holder !== identity.uid) {
        const { holder } = entry;
        if (this.#held) return { outcome: "lost", holder };
        if (!(await this.#mayTakeOver(entry, signal))) return { outcome: "taken", holder };
      }
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
    if (entry?.holder !== identity.uid) return;
    const released = await store.write(entry, { holder: "" }, signal);
    if (gone && released !== undefined) await store.remove(released, signal);
  }

  async #mayTakeOver({ version }: Entry, signal: AbortSignal): Promise<boolean> {
    const { clock, identity, ownPodUid } = this.#options;
    if (this.#rival?.version !== version) this.#rival = { version, since: clock.now() };
    if (clock.now() - this.#rival.since >= FRESH_MS) return true;
    // Whoever cannot ask waits until the record has expired.
    const named = await ownPodUid?.(signal).catch(() => undefined);
    return named === identity.uid;
  }
}
