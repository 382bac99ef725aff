import type { Freshness, MemberRecord, ObservedMember } from "./member.ts";

/**
 * How members and layouts are shared. `uncoordinated`: the API server refuses Leases, so nothing is shared for as long;
 * it turns back by itself once they are allowed.
 */
export type RegistryMode = "static" | "lease" | "redis" | "uncoordinated";

/** The layout state as it is stored. */
export interface StoredLayout {
  /** Opaque here, but for the highest epoch it names. */
  readonly text: string;
  /** For the next `writeLayout`. */
  readonly version: string;
  /**
   * Set when `text` is older than what this process has seen stored before (the store was restored, or a fail-over lost a
   * write): the highest epoch named then. Nobody acts on such a text; a planner writes its own back under a higher epoch.
   */
  readonly regressedFrom: number | undefined;
}

/** Told what happens, for metrics and the log. Calls are synchronous and must not throw. */
export interface RegistryObserver {
  /** After `up` or `mode` has changed. */
  onState?(state: { readonly up: boolean; readonly mode: RegistryMode }): void;
  /** A request failed and will be made again; each distinct message at most once until a success. */
  onError?(error: unknown): void;
  /** A compare-and-swap of the layout lost against another writer. */
  onConflict?(): void;
  /** The store holds an older state (epoch `stored`, 0 for none) than the one seen before. Once for each loss. */
  onRegressed?(epochs: { readonly stored: number; readonly known: number }): void;
  /** Another pod is this member now, by the registry or by the API: stop answering and exit. Never called twice. */
  onIdentityLost?(holder: string): void;
}

/**
 * Who the members are and which layout holds. It stores and transports; it never decides. Everything that watches or renews
 * tries again for ever with growing delays. Methods that answer a promise reject with an ExporterError when the store cannot
 * be asked or refuses (`REGISTRY_FORBIDDEN`); nothing is known to have been written then.
 */
export interface Registry {
  readonly mode: RegistryMode;
  /** The last request of every kind was answered, and none is overdue. */
  readonly up: boolean;

  /** A consistent read; undefined if none is stored. */
  readLayout(signal?: AbortSignal): Promise<StoredLayout | undefined>;
  /** Calls with the state that is stored, with each one after it, and with undefined when it is deleted, until aborted. */
  watchLayout(onChange: (layout: StoredLayout | undefined) => void, signal: AbortSignal): void;
  /** Compare-and-swap. `expectedVersion` is that of the text which was read, undefined where none was stored. */
  writeLayout(text: string, expectedVersion: string | undefined): Promise<"written" | "conflict">;

  /**
   * Announces this member under its own identity and keeps it announced: a change at once but 200 ms apart, the rest every
   * 10 s ± 10 %. Takes the identity over from another holder only once that has expired or the API names our own pod.
   */
  register(record: MemberRecord): void;
  /** Replaces the record. Only after `register`. */
  update(record: MemberRecord): void;
  /** Stops announcing. `gone`: this member does not come back; its traces are removed. Never rejects; takes at most 5 s. */
  release(options?: { readonly gone?: boolean }): Promise<void>;

  /**
   * Since when nothing about members can have been missed, in milliseconds of this registry's clock; undefined while something can.
   */
  readonly connectedSince: number | undefined;
  /** Ordered by ordinal, oneself among them; empty before `watchMembers` has seen them. Freshness is that of this moment. */
  members(): readonly ObservedMember[];
  /** Of any member, also of one that has no record: that is dead or unknown. */
  freshness(ordinal: string): Freshness;
  /** Keeps `members()` up to date until aborted. Calls after a record came, changed or went; not when one merely ages. */
  watchMembers(onChange: (members: readonly ObservedMember[]) => void, signal: AbortSignal): void;
}
