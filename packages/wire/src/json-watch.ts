import { ByteQueue } from "./byte-queue.ts";
import { decodeJson } from "./json-decode.ts";
import { tableRow } from "./json-list.ts";
import { parseJson } from "./json-parse.ts";
import {
  isKey,
  isSpace,
  JsonValueEnd,
  memberOf,
  scanJson,
  tokenOf,
  visitMembers,
} from "./json-scan.ts";
import { itemLimit } from "./limits.ts";
import type { Range } from "./protobuf-decode.ts";
import { RawItem } from "./raw-item.ts";
import type { RawObject, WatchEvent, WatchReader } from "./raw-object.ts";
import { status } from "./schema/list-meta.ts";
import { objectMeta } from "./schema/object-meta.ts";
import { statusOf } from "./status.ts";
import { typeColumnOf } from "./table.ts";
import { bookmarkOf, foreignError, unknownType } from "./watch-event.ts";
import { wireError } from "./wire-error.ts";

const typeKey = Buffer.from("type");
const objectKey = Buffer.from("object");
const kindKey = Buffer.from("kind");
const metadataKey = Buffer.from("metadata");
const rowsKey = Buffer.from("rows");
const columnsKey = Buffer.from("columnDefinitions");

/**
 * Reads a JSON watch body: one object after another. The server puts a newline after each; like client-go this needs none,
 * so that a last event without one counts when its brackets are closed.
 */
export class JsonWatchReader implements WatchReader {
  readonly #queue = new ByteQueue();
  readonly #values = new JsonValueEnd();
  /** Of the latest Table that had column definitions: the server leaves them out of later events. */
  #typeColumn: number | undefined;

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  next(): WatchEvent | undefined {
    const queue = this.#queue;
    while (queue.length > 0 && isSpace(queue.bytes[queue.start] ?? 0)) queue.start++;
    if (queue.length > 0) {
      const { bytes, start } = queue;
      if (bytes[start] !== 0x7b)
        throw wireError("WIRE_INVALID", "watch in JSON has something else than an object");
      const end = this.#values.find(bytes, queue);
      if (end !== -1) {
        queue.start = end;
        return this.#eventOf(bytes, { start, end });
      }
    }
    queue.guard(itemLimit, "one event of a JSON watch");
    queue.settle();
    return undefined;
  }

  end(): void {
    if (this.#queue.length > 0) throw wireError("WIRE_TRUNCATED", "watch stopped inside an event");
  }

  #eventOf(bytes: Buffer, range: Range): WatchEvent {
    const { type, object } = partsOf(bytes, range);
    if (object === undefined || bytes[object.start] !== 0x7b)
      throw wireError("WIRE_INVALID", `watch event ${type} has no object`);
    const kind = textAt(bytes, memberOf(bytes, object, kindKey));
    switch (type) {
      case "ADDED":
      case "MODIFIED":
      case "DELETED":
        return {
          type,
          object: kind === "Table" ? this.#rowOf(bytes, object) : itemOf(bytes, object),
        };
      case "BOOKMARK":
        return kind === "Table" ? this.#tableBookmark(bytes, object) : plainBookmark(bytes, object);
      case "ERROR":
        return kind === "Status"
          ? { type, status: statusOf(decodeJson(status, valueAt(bytes, object))) }
          : foreignError(kind);
      default:
        throw unknownType(type);
    }
  }

  #rowOf(bytes: Buffer, table: Range): RawObject {
    this.#noteColumns(bytes, table);
    const row = firstRow(bytes, table);
    if (row === undefined) throw wireError("WIRE_INVALID", "table in a watch event has no row");
    return tableRow(bytes, row, this.#typeColumn);
  }

  /** The bookmark's annotations are those of the row's object; without a row only the table's version is known. */
  #tableBookmark(bytes: Buffer, table: Range): WatchEvent {
    this.#noteColumns(bytes, table);
    const row = firstRow(bytes, table);
    const object = row === undefined ? undefined : memberOf(bytes, row, objectKey);
    return plainBookmark(bytes, object ?? table);
  }

  #noteColumns(bytes: Buffer, table: Range): void {
    const columns = memberOf(bytes, table, columnsKey);
    if (columns === undefined) return;
    const definitions = valueAt(bytes, columns);
    if (Array.isArray(definitions) && definitions.length > 0)
      this.#typeColumn = typeColumnOf(definitions);
  }
}

/** One pass for both: the object is nearly all of the event. */
function partsOf(bytes: Buffer, range: Range): { type: string; object: Range | undefined } {
  let type: string | undefined;
  let object: Range | undefined;
  visitMembers(bytes, range, (key, value) => {
    if (isKey(bytes, key, typeKey)) type ??= textAt(bytes, value);
    else if (isKey(bytes, key, objectKey)) object ??= value;
    return type !== undefined && object !== undefined;
  });
  return { type: type ?? "", object };
}

const itemOf = (bytes: Buffer, range: Range): RawObject =>
  new RawItem({ encoding: "json", bytes, range, identity: scanJson(bytes, range) });

function plainBookmark(bytes: Buffer, object: Range): WatchEvent {
  const metadata = memberOf(bytes, object, metadataKey);
  return bookmarkOf(decodeJson(objectMeta, metadata === undefined ? {} : valueAt(bytes, metadata)));
}

/** Where the first element of `rows` lies. */
function firstRow(bytes: Buffer, table: Range): Range | undefined {
  const rows = memberOf(bytes, table, rowsKey);
  if (rows === undefined || bytes[rows.start] !== 0x5b) return undefined;
  let start = rows.start + 1;
  while (isSpace(bytes[start] ?? 0)) start++;
  if (bytes[start] !== 0x7b) return undefined;
  return { start, end: new JsonValueEnd().find(bytes, { start, end: rows.end }) };
}

const valueAt = (bytes: Buffer, { start, end }: Range): unknown =>
  parseJson(bytes.toString("utf8", start, end));

function textAt(bytes: Buffer, range: Range | undefined): string {
  if (range === undefined || bytes[range.start] !== 0x22) return "";
  const token = tokenOf(bytes, range);
  return typeof token === "string" ? token : bytes.toString("utf8", token.start, token.end);
}
