import { gunzipSync, inflateRawSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import type { Block, MetricsStore, Row, StoreSnapshot } from "../src/index.ts";
import { gzipStream } from "../src/index.ts";
import { PlainStore } from "../../../test/bench/store/plain-store.ts";

/** Small worlds: few names and UIDs, so that they collide. */
export const families = 5;

export type Operation =
  | { readonly kind: "set"; readonly row: Row }
  | { readonly kind: "delete"; readonly uid: string }
  | { readonly kind: "has"; readonly uid: string; readonly resourceVersion: string }
  | { readonly kind: "begin" | "end" | "abort" | "snapshot" | "maintain" };

/** A UUID for even numbers, something else for odd ones. */
export function uidOf(number: number): string {
  return number % 2 === 0
    ? `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`
    : `not a uuid, ${number}`;
}

/** A row whose text in family f has `shape[f]` lines; the text tells uid, version and family. */
export function rowOf(number: number, { name, version, shape, departure }: RowFacts): Row {
  const uid = uidOf(number);
  const texts = shape.map((lines, family) =>
    `f${family}{uid="${uid}",name="${name}",v="${family === 0 ? "" : version % 3}"} ${family}é\n`.repeat(
      lines,
    ),
  );
  return {
    uid,
    namespace: "ns",
    name: `n${name}`,
    resourceVersion: String(version),
    texts,
    departure,
  };
}

interface RowFacts {
  readonly name: number;
  readonly version: number;
  readonly shape: readonly number[];
  readonly departure: number;
}

/** Does the same to a store and to its model. */
export class Pair {
  readonly store: MetricsStore;
  readonly model: PlainStore = new PlainStore(families);
  #replacing = false;

  constructor(store: MetricsStore) {
    this.store = store;
  }

  apply(operation: Operation): void {
    const { store, model } = this;
    switch (operation.kind) {
      case "set":
        store.set(operation.row);
        model.set(operation.row);
        break;
      case "delete":
        if (store.delete(operation.uid) !== (model.get(operation.uid) !== undefined))
          throw new Error(`delete of ${operation.uid} says whether it was there`);
        model.delete(operation.uid);
        break;
      case "has":
        if (
          store.hasVersion(operation.uid, operation.resourceVersion) !==
          model.hasVersion(operation.uid, operation.resourceVersion)
        )
          throw new Error(`hasVersion of ${operation.uid} ${operation.resourceVersion} differs`);
        break;
      case "begin":
        store.beginReplace();
        model.beginReplace();
        this.#replacing = true;
        break;
      case "end":
        if (!this.#replacing) break;
        store.endReplace();
        model.endReplace();
        this.#replacing = false;
        break;
      case "abort":
        store.abortReplace();
        model.abortReplace();
        this.#replacing = false;
        break;
      case "snapshot":
        store.snapshot();
        break;
      case "maintain":
        store.maintain();
        break;
    }
  }
}

/** What a snapshot shows, line by line, sorted, by family. */
export function linesOf(snapshot: StoreSnapshot): string[][] {
  return snapshot.families.map((blocks) => sortedLines(blocks.map(textOf).join("")));
}

export function linesOfModel(model: PlainStore): string[][] {
  return Array.from({ length: families }, (_, family) => sortedLines(model.family(family)));
}

export function sortedLines(text: string): string[] {
  return text.split("\n").slice(0, -1).toSorted();
}

/** The text of one block, by Node's own inflate. */
export function textOf(block: Block): string {
  const text = inflateRawSync(block.deflated(), { finishFlush: 2 });
  if (text.length !== block.length)
    throw new Error(`block of ${block.length} bytes has ${text.length}`);
  return text.toString();
}

export async function gunzipped(pieces: Iterable<Block | Buffer>): Promise<string> {
  return gunzipSync(await buffer(gzipStream(pieces))).toString();
}
