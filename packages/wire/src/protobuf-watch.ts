import { ByteQueue } from "./byte-queue.ts";
import { frameLimit } from "./limits.ts";
import { decodeProtobuf, type Range } from "./protobuf-decode.ts";
import { openEnvelope } from "./protobuf-envelope.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { scanProtobuf } from "./protobuf-scan.ts";
import { RawItem } from "./raw-item.ts";
import type { WatchEvent, WatchReader } from "./raw-object.ts";
import { status } from "./schema/list-meta.ts";
import { partialObjectMetadata } from "./schema/partial-object-metadata.ts";
import { bookmarkOf, foreignError, unknownType } from "./watch-event.ts";
import { statusOf } from "./status.ts";
import { wireError } from "./wire-error.ts";

/** Reads a protobuf watch body: frames of a big-endian length and a `WatchEvent` whose object has an envelope of its own. */
export class ProtobufWatchReader implements WatchReader {
  readonly #queue = new ByteQueue();

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  next(): WatchEvent | undefined {
    const queue = this.#queue;
    if (queue.length >= 4) {
      const length = queue.bytes.readUInt32BE(queue.start);
      if (length === 0) throw wireError("WIRE_INVALID", "watch frame is empty");
      if (length > frameLimit)
        throw wireError("WIRE_TOO_LARGE", `watch frame of ${length} bytes is over ${frameLimit}`);
      const range = { start: queue.start + 4, end: queue.start + 4 + length };
      if (range.end <= queue.end) {
        queue.start = range.end;
        return eventOf(queue.bytes, range);
      }
    }
    queue.settle();
    return undefined;
  }

  end(): void {
    if (this.#queue.length > 0) throw wireError("WIRE_TRUNCATED", "watch stopped inside a frame");
  }
}

function eventOf(bytes: Buffer, range: Range): WatchEvent {
  const { type, object } = partsOf(bytes, range);
  if (object === undefined) throw wireError("WIRE_INVALID", `watch event ${type} has no object`);
  const { kind, raw } = openEnvelope(bytes, object);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const identity = scanProtobuf(bytes, raw);
      return { type, object: new RawItem({ encoding: "protobuf", bytes, range: raw, identity }) };
    }
    case "BOOKMARK":
      return bookmarkOf(decodeProtobuf(partialObjectMetadata, bytes, raw).metadata);
    case "ERROR":
      return kind === "Status"
        ? { type, status: statusOf(decodeProtobuf(status, bytes, raw)) }
        : foreignError(kind);
    default:
      throw unknownType(type);
  }
}

function partsOf(
  bytes: Buffer,
  { start, end }: Range,
): { type: string; object: Range | undefined } {
  const reader = new ProtobufReader(bytes, start);
  let type = "";
  let object: Range | undefined;
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag === 10) type = reader.string(end);
    else if (tag === 18) object = rawExtension(reader, reader.limit(end));
    else reader.skip(tag, end);
  }
  return { type, object };
}

function rawExtension(reader: ProtobufReader, end: number): Range | undefined {
  let raw: Range | undefined;
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag !== 10) {
      reader.skip(tag, end);
      continue;
    }
    const limit = reader.limit(end);
    raw = { start: reader.position, end: limit };
    reader.position = limit;
  }
  return raw;
}
