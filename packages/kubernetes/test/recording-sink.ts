import { ExporterError } from "@kube-state-mosaic/errors";
import type { RawObject } from "@kube-state-mosaic/wire";
import type { ReflectorSink } from "../src/reflector-sink.ts";

/** Holds `name@resourceVersion` by UID, as a store would, and writes down the calls. */
export class RecordingSink implements ReflectorSink {
  readonly calls: string[] = [];
  /** Names whose content "cannot be decoded". */
  readonly undecodable: Set<string> = new Set();
  readonly #objects = new Map<string, string>();
  #marked: Set<string> | undefined;

  get objects(): string[] {
    return [...this.#objects.values()].toSorted();
  }

  listStarted(versionsRestarted: boolean): void {
    this.calls.push(versionsRestarted ? "listStarted anew" : "listStarted");
    this.#marked = new Set();
  }

  set(object: RawObject, origin: "list" | "watch"): void {
    this.#marked?.add(object.uid);
    if (this.undecodable.has(object.name)) throw new ExporterError("TEST_UNDECODABLE", "bad field");
    this.calls.push(`${origin} ${object.name}@${object.resourceVersion}`);
    this.#objects.set(object.uid, `${object.name}@${object.resourceVersion}`);
  }

  delete(object: RawObject): void {
    this.calls.push(`delete ${object.name}`);
    this.#objects.delete(object.uid);
  }

  listCompleted(resourceVersion: string): void {
    this.calls.push(`listCompleted ${resourceVersion}`);
    for (const uid of this.#objects.keys())
      if (this.#marked?.has(uid) !== true) this.#objects.delete(uid);
    this.#marked = undefined;
  }

  listFailed(): void {
    this.calls.push("listFailed");
    this.#marked = undefined;
  }

  bookmark(resourceVersion: string): void {
    this.calls.push(`bookmark ${resourceVersion}`);
  }
}
