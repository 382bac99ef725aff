import { ByteQueue } from "./byte-queue.ts";
import { itemLimit } from "./limits.ts";
import { decodeProtobuf } from "./protobuf-decode.ts";
import { hasMagic, magic, refuseWrapping, typeMetaOf } from "./protobuf-envelope.ts";
import { fieldAt, type FieldAt } from "./protobuf-field.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { scanProtobuf } from "./protobuf-scan.ts";
import { RawItem } from "./raw-item.ts";
import type { ListMetadata, ListReader, RawObject } from "./raw-object.ts";
import { listMeta, type ListMeta } from "./schema/list-meta.ts";
import { wireError } from "./wire-error.ts";

/** magic → fields of `runtime.Unknown` up to `raw` → fields of the list inside `raw` → what follows `raw`. */
type Phase = "magic" | "envelope" | "list" | "trailer";

/** Reads a protobuf list body item by item: its metadata comes first, then the items, each with its length. */
export class ProtobufListReader implements ListReader {
  readonly #queue = new ByteQueue();
  #phase: Phase = "magic";
  /** Bytes of `raw` that are still to come. A double: a list may be larger than 4 GiB. */
  #left = 0;
  #metadata: ListMeta | undefined;

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  next(): RawObject | undefined {
    for (;;) {
      const step = this.#step();
      if (step === "wait") break;
      if (step !== undefined) return step;
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

  /** Takes one thing off the queue: an item, something else (`undefined`), or nothing until more has come. */
  #step(): RawObject | "wait" | undefined {
    if (this.#phase === "magic") return this.#readMagic();
    if (this.#phase === "list" && this.#left === 0) this.#phase = "trailer";
    const queue = this.#queue;
    const field = fieldAt(queue.bytes, queue);
    if (field === undefined) return "wait";
    if (this.#phase === "envelope" && field.tag === 18) {
      queue.start = field.start;
      this.#left = field.end - field.start;
      this.#phase = "list";
      return undefined;
    }
    const size = field.end - queue.start;
    if (this.#phase === "list" && size > this.#left)
      throw wireError(
        "WIRE_INVALID",
        `protobuf list has a field of ${size} and ${this.#left} bytes left`,
      );
    if (size > itemLimit)
      throw wireError(
        "WIRE_TOO_LARGE",
        `protobuf list has a field of ${size} bytes, over ${itemLimit}`,
      );
    if (field.end > queue.end) return "wait";
    queue.start = field.end;
    if (this.#phase !== "list") return this.#aroundList(field);
    this.#left -= size;
    return this.#inList(field);
  }

  #readMagic(): "wait" | undefined {
    const queue = this.#queue;
    if (queue.length < magic.length) return "wait";
    if (!hasMagic(queue.bytes, queue))
      throw wireError("WIRE_INVALID", "protobuf list does not begin with the magic of Kubernetes");
    queue.start += magic.length;
    this.#phase = "envelope";
    return undefined;
  }

  #aroundList({ tag, start, end }: FieldAt): undefined {
    const { bytes } = this.#queue;
    if (tag === 10) refuseOther(typeMetaOf(new ProtobufReader(bytes, start), end).kind);
    else if (tag === 26 || tag === 34) refuseWrapping(bytes.toString("utf8", start, end));
  }

  #inList(field: FieldAt): RawObject | undefined {
    const { bytes } = this.#queue;
    if (field.tag === 10) this.#metadata = decodeProtobuf(listMeta, bytes, field);
    if (field.tag !== 18) return undefined;
    return new RawItem({
      encoding: "protobuf",
      bytes,
      range: field,
      identity: scanProtobuf(bytes, field),
    });
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
