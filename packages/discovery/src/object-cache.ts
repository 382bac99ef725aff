import type { ReflectorSink } from "@kube-state-mosaic/kubernetes";
import { decode, type RawObject } from "@kube-state-mosaic/wire";
import { keyOf, type KubernetesObject, type ObjectKind } from "./kubernetes-objects.ts";

/** What happened to one object; `before` and `after` are what was and is kept of it. */
export interface Change<T> {
  readonly event: "add" | "update" | "delete";
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
}

type Listener<T> = (change: Change<T>) => void;
/** Under which words an object is found. */
type WordsOf<T> = (object: T) => Iterable<string>;

interface Entry<T> {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: T;
}

/**
 * Keeps the decoded objects of one collection, and indexes of them. Shared by all who need the collection: listeners are told of
 * changes after the cache and all its indexes have taken them in. An object whose version is known is not decoded again.
 */
export class ObjectCache<T extends KubernetesObject> implements ReflectorSink {
  readonly #kind: ObjectKind<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #listeners = new Set<Listener<T>>();
  readonly #indexes = new Map<WordsOf<T>, Map<string, Set<string>>>();
  readonly #onSynced = new Set<() => void>();
  /** Keys of the list that is being read; undefined between lists. */
  #listed: Set<string> | undefined;
  #synced = false;
  /** False while a list is read of a server whose versions have begun anew: equal ones need not mean equal objects. */
  #versionsCount = true;

  constructor(kind: ObjectKind<T>) {
    this.#kind = kind;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.object;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Keys of the objects found under a word; `wordsOf` names the index and must be the same function each time. */
  find(wordsOf: WordsOf<T>, word: string): Iterable<string> {
    let index = this.#indexes.get(wordsOf);
    if (index === undefined) {
      this.#indexes.set(wordsOf, (index = new Map()));
      for (const [key, { object }] of this.#entries) put(index, wordsOf(object), key);
    }
    return index.get(word) ?? [];
  }

  /** The answer ends it. */
  listen(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A complete list was read once. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Calls once a complete list was read, at once if it was; the answer takes it back. */
  whenSynced(call: () => void): () => void {
    if (this.#synced) {
      call();
      return () => undefined;
    }
    this.#onSynced.add(call);
    return () => this.#onSynced.delete(call);
  }

  listStarted(versionsRestarted: boolean): void {
    this.#versionsCount = !versionsRestarted;
    this.#listed = new Set();
  }

  set(raw: RawObject): void {
    const key = keyOf(raw);
    // Listed even if it cannot be decoded: it exists, and keeps its old state.
    this.#listed?.add(key);
    const before = this.#entries.get(key);
    const { uid, resourceVersion } = raw;
    const isKnown = before?.uid === uid && before.resourceVersion === resourceVersion;
    if (isKnown && this.#versionsCount) return;
    const object = decode(this.#kind.schema, raw);
    this.#entries.set(key, { uid, resourceVersion, object });
    const event = before === undefined ? "add" : "update";
    this.#tell({ event, key, before: before?.object, after: object });
  }

  delete(raw: RawObject): void {
    const key = keyOf(raw);
    this.#listed?.delete(key);
    this.#remove(key);
  }

  listCompleted(): void {
    const listed = this.#listed;
    this.#listed = undefined;
    this.#versionsCount = true;
    if (listed !== undefined)
      for (const key of this.#entries.keys()) if (!listed.has(key)) this.#remove(key);
    this.#synced = true;
    for (const call of this.#onSynced) call();
    this.#onSynced.clear();
  }

  listFailed(): void {
    this.#listed = undefined;
  }

  bookmark(): void {}

  #remove(key: string): void {
    const before = this.#entries.get(key)?.object;
    if (before === undefined) return;
    this.#entries.delete(key);
    this.#tell({ event: "delete", key, before, after: undefined });
  }

  #tell(change: Change<T>): void {
    const { key, before, after } = change;
    for (const [wordsOf, index] of this.#indexes) {
      if (before !== undefined) take(index, wordsOf(before), key);
      if (after !== undefined) put(index, wordsOf(after), key);
    }
    for (const listener of this.#listeners) listener(change);
  }
}

function put(index: Map<string, Set<string>>, words: Iterable<string>, key: string): void {
  for (const word of words) {
    const keys = index.get(word);
    if (keys === undefined) index.set(word, new Set([key]));
    else keys.add(key);
  }
}

function take(index: Map<string, Set<string>>, words: Iterable<string>, key: string): void {
  for (const word of words) {
    const keys = index.get(word);
    keys?.delete(key);
    if (keys?.size === 0) index.delete(word);
  }
}
