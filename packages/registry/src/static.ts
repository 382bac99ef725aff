import type { Freshness, Identity, MemberRecord, ObservedMember } from "./member.ts";
import type { Registry, RegistryMode, StoredLayout } from "./registry.ts";

export interface StaticRegistryOptions {
  readonly identity: Identity;
  /** The layout that the flags name, as text; undefined for none. */
  readonly layout?: string;
}

/** The flags are the registry (`--shard`, `--total-shards`): nothing is shared, nothing changes, only oneself is known. */
export class StaticRegistry implements Registry {
  readonly mode: RegistryMode = "static";
  readonly up = true;
  readonly connectedSince = undefined;
  readonly #identity: Identity;
  readonly #layout: StoredLayout | undefined;
  readonly #watchers = new Set<(members: readonly ObservedMember[]) => void>();
  #record: MemberRecord | undefined;

  constructor({ identity, layout }: StaticRegistryOptions) {
    this.#identity = identity;
    this.#layout =
      layout === undefined
        ? undefined
        : { text: layout, version: "flags", regressedFrom: undefined };
  }

  readLayout(): Promise<StoredLayout | undefined> {
    return Promise.resolve(this.#layout);
  }

  watchLayout(onChange: (layout: StoredLayout | undefined) => void, signal: AbortSignal): void {
    queueMicrotask(() => {
      if (!signal.aborted) onChange(this.#layout);
    });
  }

  /** Flags cannot be written: always a conflict. */
  writeLayout(): Promise<"conflict"> {
    return Promise.resolve("conflict");
  }

  register(record: MemberRecord): void {
    this.update(record);
  }

  update(record: MemberRecord): void {
    this.#record = record;
    this.#tell();
  }

  release(): Promise<void> {
    this.#record = undefined;
    this.#tell();
    return Promise.resolve();
  }

  members(): readonly ObservedMember[] {
    const record = this.#record;
    if (record === undefined) return [];
    const { ordinal, uid } = this.#identity;
    return [{ ordinal, holder: uid, record, freshness: "fresh" }];
  }

  freshness(ordinal: string): Freshness {
    return this.#record !== undefined && ordinal === this.#identity.ordinal ? "fresh" : "unknown";
  }

  watchMembers(onChange: (members: readonly ObservedMember[]) => void, signal: AbortSignal): void {
    this.#watchers.add(onChange);
    signal.addEventListener("abort", () => this.#watchers.delete(onChange));
    queueMicrotask(() => {
      if (!signal.aborted) onChange(this.members());
    });
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher(this.members());
  }
}
