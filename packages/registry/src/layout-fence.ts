import { compareStates, parseLayoutState, type LayoutState } from "@kube-state-mosaic/sharding";
import type { RegistryObserver, StoredLayout } from "./registry.ts";

/** What the store holds, as it came. */
export interface LayoutText {
  readonly text: string;
  readonly version: string;
}

/** Marks stored states that are older than one seen before. */
export class LayoutFence {
  readonly #observer: RegistryObserver;
  #known: LayoutState | undefined;
  #reported: string | undefined;

  constructor(observer: RegistryObserver = {}) {
    this.#observer = observer;
  }

  /** The newest state seen stored. To be taken before a request whose answer is checked: a write may overtake it. */
  get known(): LayoutState | undefined {
    return this.#known;
  }

  /** Whether this is an older state than one seen before: by a watch that lags, or because the store lost it. */
  isOlder(stored: LayoutText | undefined): boolean {
    return isBefore(stored, this.#known);
  }

  /** Passes on what a consistent read, sent when `known` was known, found in the store; undefined for nothing. */
  check(stored: LayoutText | undefined, known: LayoutState | undefined): StoredLayout | undefined {
    if (known === undefined || !isBefore(stored, known)) {
      this.#reported = undefined;
      this.#learn(stored);
      return stored && { ...stored, regressedFrom: undefined };
    }
    const key = stored?.version ?? "";
    if (this.#reported !== key) {
      this.#reported = key;
      const epoch = stateOf(stored)?.floor ?? 0;
      this.#observer.onRegressed?.({ stored: epoch, known: known.floor });
    }
    return stored && { ...stored, regressedFrom: known.floor };
  }

  /** This is stored by now: we wrote it. */
  written(stored: LayoutText): void {
    this.#learn(stored);
  }

  #learn(stored: LayoutText | undefined): void {
    const state = stateOf(stored);
    if (state === undefined) return;
    if (this.#known === undefined || compareStates(state, this.#known) > 0) this.#known = state;
  }
}

/** Nothing is before everything. What cannot be read, as a later format, is before nothing: those who read it decide. */
function isBefore(stored: LayoutText | undefined, known: LayoutState | undefined): boolean {
  if (known === undefined) return false;
  if (stored === undefined || stored.text === "") return true;
  const state = stateOf(stored);
  return state !== undefined && compareStates(state, known) < 0;
}

function stateOf(stored: LayoutText | undefined): LayoutState | undefined {
  if (stored === undefined || stored.text === "") return undefined;
  try {
    return parseLayoutState(stored.text);
  } catch {
    return undefined;
  }
}
