import { expired } from "./status.ts";
import type { ObjectVersion } from "./object-version.ts";
import type { ApiResource } from "./resources.ts";

/** One change, as a watch without selectors reports it. */
export interface ChangeEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly resourceVersion: number;
  /** The new state; for DELETED the last one, with the version of the deletion. */
  readonly object: ObjectVersion;
  readonly previous: ObjectVersion | undefined;
}

/**
 * The objects of one resource and their recent history.
 * States of the past are found by undoing the history, so pages of a list stay at the version of the first one.
 */
export class Collection {
  readonly resource: ApiResource;
  readonly #objects = new Map<string, ObjectVersion>();
  /** The same objects in key order; undefined while they have to be sorted first. */
  #sorted: ObjectVersion[] | undefined = [];
  #history: ChangeEvent[] = [];
  readonly #capacity: number;
  /** Watches can start at this version or later. */
  #watchableFrom = 0;
  /** Version of the newest change that is no longer in the history. */
  #forgotten = 0;
  /** The version this collection is known to be current at: the watch cache's own. */
  #observed = 0;
  readonly #listeners = new Set<() => void>();

  constructor(resource: ApiResource, capacity: number, resourceVersion: number) {
    this.resource = resource;
    this.#capacity = capacity;
    this.#observed = resourceVersion;
  }

  get size(): number {
    return this.#objects.size;
  }

  get observed(): number {
    return this.#observed;
  }

  /** A consistent read moves the collection's version to the newest one. */
  observe(resourceVersion: number): void {
    if (resourceVersion > this.#observed) {
      this.#observed = resourceVersion;
      this.#notify();
    }
  }

  get(key: string): ObjectVersion | undefined {
    return this.#objects.get(key);
  }

  /** Applies a change and tells the watchers. */
  commit(event: ChangeEvent): void {
    const { key } = event.object;
    if (event.type === "DELETED") {
      this.#objects.delete(key);
    } else {
      this.#objects.set(key, event.object);
    }
    if (this.#sorted !== undefined)
      place(this.#sorted, key, event.type === "DELETED" ? undefined : event.object);
    this.#observed = event.resourceVersion;
    this.#history.push(event);
    if (this.#history.length > this.#capacity * 1.25)
      this.#forget(this.#history.length - this.#capacity);
    this.#notify();
  }

  /** Adds an object without history: for filling a cluster before anybody looks. */
  load(object: ObjectVersion): void {
    const { key } = object;
    this.#sorted = undefined;
    this.#objects.set(key, object);
    this.#observed = object.resourceVersion;
    this.#watchableFrom = object.resourceVersion;
    this.#forgotten = object.resourceVersion;
  }

  /** Forgets all history: watches and lists from older versions are answered 410. */
  compact(): void {
    this.#forget(this.#history.length);
    this.#watchableFrom = Math.max(this.#watchableFrom, this.#observed);
    this.#notify();
  }

  /** Makes the versions go back, as a restored backup does. */
  rewind(resourceVersion: number): void {
    this.#history = [];
    this.#watchableFrom = 0;
    this.#forgotten = 0;
    this.#observed = resourceVersion;
    this.#notify();
  }

  /** All objects in key order, as they are now: a copy that later changes leave alone. */
  current(): ObjectVersion[] {
    this.#sorted ??= [...this.#objects.values()].toSorted((a, b) => compareKeys(a.key, b.key));
    return this.#sorted.slice();
  }

  /** All objects in key order as they were at a version; throws 410 when its history is gone. */
  stateAt(resourceVersion: number): ObjectVersion[] {
    if (resourceVersion < this.#watchableFrom)
      throw expired(`The resourceVersion ${resourceVersion} for the provided list is too old.`);
    const undone = new Map<string, ObjectVersion | undefined>();
    for (let i = this.#history.length - 1; i >= 0; i--) {
      const event = this.#history[i];
      if (event === undefined || event.resourceVersion <= resourceVersion) break;
      undone.set(event.object.key, event.previous);
    }
    const state = this.current();
    for (const [key, object] of undone) place(state, key, object);
    return state;
  }

  /** Whether a watch can start after this version. */
  canWatchFrom(resourceVersion: number): boolean {
    return resourceVersion >= this.#watchableFrom;
  }

  /** Whether a running watch at this position has lost events for good. */
  hasForgottenAfter(position: number): boolean {
    return position < this.#forgotten;
  }

  /** The first event above a version, or undefined when there is none yet. */
  eventAfter(resourceVersion: number): ChangeEvent | undefined {
    const history = this.#history;
    let low = 0;
    let high = history.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((history[middle]?.resourceVersion ?? 0) > resourceVersion) high = middle;
      else low = middle + 1;
    }
    return history[low];
  }

  /** The version of the newest change in the history, 0 when there is none. */
  get lastEventVersion(): number {
    return this.#history.at(-1)?.resourceVersion ?? 0;
  }

  /** Calls back after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #forget(count: number): void {
    const last = this.#history[count - 1];
    if (last === undefined) return;
    this.#watchableFrom = last.resourceVersion;
    this.#forgotten = last.resourceVersion;
    this.#history = this.#history.slice(count);
  }
}

/** Puts an object at its place among sorted ones, instead of the one with its key; `undefined` takes that one out. */
function place(sorted: ObjectVersion[], key: string, object: ObjectVersion | undefined): void {
  const index = position(sorted, key);
  const known = sorted[index]?.key === key ? 1 : 0;
  if (object === undefined) sorted.splice(index, known);
  else if (known === 1) sorted[index] = object;
  else sorted.splice(index, 0, object);
}

function position(sorted: readonly ObjectVersion[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(sorted[middle]?.key ?? "", key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Keys are ASCII (object names are), so the order of UTF-16 units is that of bytes. */
function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
