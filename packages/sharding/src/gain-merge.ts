import { compareVersions } from "./resource-version.ts";

export interface VersionedObject {
  readonly uid: string;
  readonly resourceVersion: string;
}

export interface GainEvent extends VersionedObject {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
}

/** `apply`: set or delete the row. `drop`: the store already shows something as new. */
export type MergeDecision = "apply" | "drop";

/** The rows that the store holds in the gained slots. */
export interface GainedRows {
  /** The resource version of a row, undefined if there is none. */
  versionOf(uid: string): string | undefined;
  uids(): Iterable<string>;
}

/**
 * Merges the running watch of a resource with a list for gained slots. The watch's events of these slots are applied from the start
 * on, the list is requested afterwards, consistently; so what is created, deleted or re-created meanwhile comes out right whichever
 * of the two is ahead. A list at `resourceVersion=0` could lie before the start and lose what is in between.
 * Only objects of gained slots are passed in. Versions are those of one resource.
 */
export class GainMerge {
  readonly #rows: GainedRows;
  /** Version of the deletion, for objects that the list may still bring. */
  readonly #tombstones = new Map<string, string>();
  #listed = new Set<string>();
  #listVersion: string | undefined;

  constructor(rows: GainedRows) {
    this.#rows = rows;
  }

  /** The version of the complete list, undefined before. The merge is over when the watch has passed it. */
  get listVersion(): string | undefined {
    return this.#listVersion;
  }

  applyEvent({ uid, resourceVersion, type }: GainEvent): MergeDecision {
    const known = this.#rows.versionOf(uid) ?? this.#tombstones.get(uid) ?? this.#listVersion;
    if (known !== undefined && compareVersions(resourceVersion, known) <= 0) return "drop";
    if (type === "DELETED" && this.#listVersion === undefined)
      this.#tombstones.set(uid, resourceVersion);
    return "apply";
  }

  listItem({ uid, resourceVersion }: VersionedObject): MergeDecision {
    this.#listed.add(uid);
    const known = this.#rows.versionOf(uid) ?? this.#tombstones.get(uid);
    return known !== undefined && compareVersions(resourceVersion, known) <= 0 ? "drop" : "apply";
  }

  /** The list broke and is requested again: what it brought stays, and is swept if the next one does not bring it. */
  listRestarted(): void {
    this.#listed = new Set();
  }

  /** The rows to delete: neither listed nor changed after the list. */
  listCompleted(resourceVersion: string): string[] {
    this.#listVersion = resourceVersion;
    const swept: string[] = [];
    for (const uid of this.#rows.uids()) {
      const version = this.#rows.versionOf(uid) ?? "";
      if (!this.#listed.has(uid) && compareVersions(version, resourceVersion) <= 0) swept.push(uid);
    }
    this.#listed = new Set();
    this.#tombstones.clear();
    return swept;
  }
}
