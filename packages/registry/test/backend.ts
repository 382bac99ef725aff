import type { Identity } from "../src/member.ts";
import type { Registry, RegistryObserver } from "../src/registry.ts";
import type { ManualClock } from "../../kubernetes/test/manual-clock.ts";

export interface OpenOptions {
  readonly clock: ManualClock;
  readonly identity?: Identity;
  readonly observer?: RegistryObserver;
  readonly ownPodUid?: () => Promise<string | undefined>;
}

/** A store that several registries share, and a hand on it. */
export interface Backend extends AsyncDisposable {
  readonly mode: Registry["mode"];
  /** Each with connections of its own, as separate processes have them. */
  open(options: OpenOptions): Registry;
  /** Nothing answers any more. */
  stop(): Promise<void>;
  /** It answers again and holds what it held. */
  start(): Promise<void>;
  deleteLayout(): Promise<void>;
  /** Puts an older state in the place of the stored one, as a restored backup or a fail-over does. */
  restoreLayout(text: string): Promise<void>;
  deleteMembers(): Promise<void>;
}
