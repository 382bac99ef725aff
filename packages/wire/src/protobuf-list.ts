import { ByteQueue } from "./byte-queue.ts";
import { itemLimit } from "./limits.ts";
import { decodeProtobuf } from "./protobuf-decode.ts";
import { magic, skipTrailer, typeMetaOf } from "./protobuf-envelope.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { scanProtobuf } from "./protobuf-scan.ts";
import { RawItem } from "./raw-item.ts";
import type { ListMetadata, ListReader, RawObject } from "./raw-object.ts";
import { listMeta, type ListMeta } from "./schema/list-meta.ts";
import { wireError } from "./wire-error.ts";

/** magic → fields of `runtime.Unknown` around `raw` → fields of the list inside `raw` → the rest of Unknown. */
type Phase = "magic" | "envelope" | "list" | "trailer";

/** Reads a protobuf list body item by item: its metadata comes first, then the items, each with its length. */
export class ProtobufListReader implements ListReader {
  readonly #queue = new ByteQueue();
  #phase: Phase = "magic";
  /** Bytes of `raw` that are still to come. A double: a list may be larger than 4 GiB. */
  #left = 0;
  #metadata: ListMeta | undefined;
  #tag = 0;
  #field = { start: 0, end: 0 };

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  next(): RawObject | undefined {
    while (this.#step()) {
      if (this.#phase !== "list" || this.#tag !== 18) continue;
      this.#tag = 0;
      const { bytes } = this.#queue;
      const range = this.#field;
      return new RawItem({
        encoding: "protobuf",
        bytes,
        range,
        identity: scanProtobuf(bytes, range),
      });
    }
    this.#queue.guard(itemLimit, "one field of a protobuf list");
    this.#queue.settle();
    return undefined;
  }

  end(): ListMetadata {
    if (this.#phase !== "trailer" || this.#queue.length > 0)
      throw wireError("WIRE_TRUNCATED", "protobuf list stopped before its end");
    return listMetadataOf(this.#metadata);
  }

  /** Takes one thing off the queue; false when it has not come whole. */
  #step(): boolean {
    const queue = this.#queue;
    if (this.#phase === "magic") {
      if (queue.length < magic.length) return false;
      if (queue.bytes.compare(magic, 0, 4, queue.start, queue.start + 4) !== 0)
        throw wireError(
          "WIRE_INVALID",
          "protobuf list does not begin with the magic of Kubernetes",
        );
      queue.start += magic.length;
      this.#phase = "envelope";
      return true;
    }
    if (this.#phase === "list" && this.#left === 0) {
      this.#phase = "trailer";
      return true;
    }
    return this.#nextField();
  }

  #nextField(): boolean {
    const { bytes, start, end } = this.#queue;
    const before = varintEnd(bytes, start, end);
    if (before === -1) return false;
    const reader = new ProtobufReader(bytes, start);
    const tag = reader.tag(before);
    if ((tag & 7) === 2) {
      const after = varintEnd(bytes, before, end);
      if (after === -1) return false;
      const length = reader.varint(after);
      if (this.#phase === "envelope" && tag === 18) return this.#enter(after, length);
      return this.#take(tag, after, after + length);
    }
    reader.position = before;
    const after =
      (tag & 7) === 0 ? varintEnd(bytes, before, end) : before + ((tag & 7) === 1 ? 8 : 4);
    if (after === -1) return false;
    if ((tag & 7) !== 0 && (tag & 7) !== 1 && (tag & 7) !== 5) reader.skip(tag, end);
    return this.#take(tag, before, after);
  }

  #enter(start: number, length: number): boolean {
    this.#queue.start = start;
    this.#left = length;
    this.#phase = "list";
    return true;
  }

  /** One whole field with its value in `[start, end)`. */
  #take(tag: number, start: number, end: number): boolean {
    const queue = this.#queue;
    if (this.#phase === "list" && end - queue.start > this.#left)
      throw wireError(
        "WIRE_INVALID",
        "protobuf list has a field that is longer than what is left of it",
      );
    if (end - start > itemLimit)
      throw wireError(
        "WIRE_TOO_LARGE",
        `one field of a protobuf list is larger than ${itemLimit} bytes`,
      );
    if (end > queue.end) return false;
    if (this.#phase === "list") this.#left -= end - queue.start;
    this.#tag = tag;
    this.#field = { start, end };
    if (this.#phase === "list" && tag === 10)
      this.#metadata = decodeProtobuf(listMeta, queue.bytes, this.#field);
    else if (this.#phase === "envelope" && tag === 10)
      refuseOther(typeMetaOf(new ProtobufReader(queue.bytes, start), end).kind);
    else if (this.#phase !== "list")
      skipTrailer(new ProtobufReader(queue.bytes, lengthStart(queue.bytes, queue.start)), tag, end);
    queue.start = end;
    return true;
  }
}

/** Says that a list came, or throws: a Status with code 200 would be read as an empty list. */
export function refuseOther(kind: string): void {
  if (kind !== "" && kind !== "Table" && !kind.endsWith("List"))
    throw wireError("WIRE_UNEXPECTED", `a list was asked for and a ${kind} came`);
}

/** What the list said about itself. Every list has metadata: an object without is not one, and must not be taken for an empty one. */
export function listMetadataOf(metadata: ListMeta | undefined): ListMetadata {
  if (metadata === undefined) throw wireError("WIRE_UNEXPECTED", "a list came without metadata");
  return {
    resourceVersion: metadata.resourceVersion,
    continue: metadata.continue,
    remainingItemCount: metadata.remainingItemCount,
    shardSelector: metadata.shardInfo?.selector,
  };
}

/** Where the varint at `start` ends, or -1 while it has not come whole. */
function varintEnd(bytes: Buffer, start: number, end: number): number {
  for (let position = start; position < end; position++)
    if ((bytes[position] ?? 0) < 0x80 || position - start >= 10) return position + 1;
  return -1;
}

/** Past the tag that begins at `start`. */
function lengthStart(bytes: Buffer, start: number): number {
  return varintEnd(bytes, start, bytes.length);
}
