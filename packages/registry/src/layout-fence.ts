import type { RegistryObserver, StoredLayout } from "./registry.ts";

/** What the store holds, as it came. */
export interface LayoutText {
  readonly text: string;
  readonly version: string;
}

/** Marks stored states that are older than one seen before. */
export class LayoutFence {
  readonly #observer: RegistryObserver;
  #known = 0;
  #reported: number | undefined;

  constructor(observer: RegistryObserver = {}) {
    this.#observer = observer;
  }

  /** The highest epoch seen stored. To be taken before a request whose answer is checked: it may be overtaken by a write. */
  get known(): number {
    return this.#known;
  }

  /** Whether this is an older state than one seen before: by a watch that lags, or because the store lost it. */
  isOlder(stored: LayoutText | undefined): boolean {
    return (floorOf(stored) ?? this.#known) < this.#known;
  }

  /** Passes on what a consistent read, sent when `known` was known, found in the store; undefined for nothing. */
  check(stored: LayoutText | undefined, known: number): StoredLayout | undefined {
    const epoch = floorOf(stored);
    if (epoch === undefined || epoch >= known) {
      this.#known = Math.max(this.#known, epoch ?? 0);
      this.#reported = undefined;
      return stored && { ...stored, regressedFrom: undefined };
    }
    if (this.#reported !== epoch) {
      this.#reported = epoch;
      this.#observer.onRegressed?.({ stored: epoch, known });
    }
    return stored && { ...stored, regressedFrom: known };
  }
}

/** The highest epoch a text names, 0 for none; undefined if it does not say, as that of a later format may. */
function floorOf(stored: LayoutText | undefined): number | undefined {
  if (stored === undefined || stored.text === "") return 0;
  try {
    const state: unknown = JSON.parse(stored.text);
    if (typeof state !== "object" || state === null || !("floor" in state)) return undefined;
    return typeof state.floor === "number" ? state.floor : undefined;
  } catch {
    return undefined;
  }
}
