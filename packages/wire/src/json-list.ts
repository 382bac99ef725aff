import { ByteQueue } from "./byte-queue.ts";
import { decodeJson } from "./json-decode.ts";
import { parseJson } from "./json-parse.ts";
import { isSpace, JsonValueEnd, memberOf, scanJson, tokenOf } from "./json-scan.ts";
import { itemLimit } from "./limits.ts";
import type { Range } from "./protobuf-decode.ts";
import { listMetadataOf, refuseOther } from "./protobuf-list.ts";
import { RawItem } from "./raw-item.ts";
import type { ListMetadata, ListReader, RawObject } from "./raw-object.ts";
import { listMeta, type ListMeta } from "./schema/list-meta.ts";
import { typeColumnOf } from "./table.ts";
import { wireError } from "./wire-error.ts";

/** What is expected next, outside of a value. */
type State =
  | "object"
  | "first key"
  | "key"
  | "colon"
  | "value"
  | "comma"
  | "first item"
  | "item"
  | "item comma"
  | "nothing";

const objectKey = Buffer.from("object");

/**
 * Cuts the elements of the top-level `items` (or a Table's `rows`) out of a JSON list body without holding it whole.
 * Keys may come in any order: custom resources have `items` before `metadata`. `items: null` and no items at all are an empty list.
 */
export class JsonListReader implements ListReader {
  readonly #queue = new ByteQueue();
  readonly #values = new JsonValueEnd();
  #state: State = "object";
  #key = "";
  #metadata: ListMeta | undefined;
  #typeColumn: number | undefined;

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk);
  }

  next(): RawObject | undefined {
    const queue = this.#queue;
    for (;;) {
      while (queue.length > 0 && isSpace(queue.bytes[queue.start] ?? 0)) queue.start++;
      if (queue.length === 0) break;
      const range = this.#step(queue.bytes[queue.start] ?? 0);
      if (range === "wait") break;
      if (range !== undefined) return this.#itemOf(range);
    }
    queue.guard(itemLimit, "one value of a JSON list");
    queue.settle();
    return undefined;
  }

  end(): ListMetadata {
    if (this.#state !== "nothing")
      throw wireError("WIRE_TRUNCATED", "JSON list stopped before its end");
    return listMetadataOf(this.#metadata);
  }

  /** One token, or one value; answers where an item lies, or that more bytes are needed. */
  #step(byte: number): Range | "wait" | undefined {
    switch (this.#state) {
      case "object":
        return this.#expect(byte, { "{": "first key" });
      case "first key":
        return byte === 0x22 ? this.#readKey() : this.#expect(byte, { "}": "nothing" });
      case "key":
        return byte === 0x22 ? this.#readKey() : this.#expect(byte, {});
      case "colon":
        return this.#expect(byte, { ":": "value" });
      case "value":
        return byte === 0x5b && this.#holdsItems
          ? this.#expect(byte, { "[": "first item" })
          : this.#readValue();
      case "comma":
        return this.#expect(byte, { ",": "key", "}": "nothing" });
      case "first item":
        return byte === 0x7b ? this.#readItem() : this.#expect(byte, { "]": "comma" });
      case "item":
        return byte === 0x7b ? this.#readItem() : this.#expect(byte, {});
      case "item comma":
        return this.#expect(byte, { ",": "item", "]": "comma" });
      case "nothing":
        return this.#expect(byte, {});
    }
  }

  get #holdsItems(): boolean {
    return this.#key === "items" || this.#key === "rows";
  }

  #expect(byte: number, follow: Readonly<Record<string, State>>): undefined {
    const character = String.fromCharCode(byte);
    const state = follow[character];
    if (state === undefined)
      throw wireError(
        "WIRE_INVALID",
        `JSON list has ${JSON.stringify(character)} where ${this.#state} was expected`,
      );
    this.#queue.start++;
    this.#state = state;
  }

  /** The next whole value, taken off the queue. */
  #cut(next: State): Range | "wait" {
    const queue = this.#queue;
    const { start } = queue;
    const end = this.#values.find(queue.bytes, queue);
    if (end === -1) return "wait";
    queue.start = end;
    this.#state = next;
    return { start, end };
  }

  #readKey(): "wait" | undefined {
    const range = this.#cut("colon");
    if (range === "wait") return range;
    const key = tokenOf(this.#queue.bytes, range);
    this.#key =
      typeof key === "string" ? key : this.#queue.bytes.toString("utf8", key.start, key.end);
    return undefined;
  }

  #readItem(): Range | "wait" {
    return this.#cut("item comma");
  }

  #readValue(): "wait" | undefined {
    const range = this.#cut("comma");
    if (range === "wait") return range;
    const wanted = ["metadata", "kind", "columnDefinitions"].includes(this.#key);
    if (!wanted && !this.#holdsItems) return undefined;
    const value = parseJson(this.#queue.bytes.toString("utf8", range.start, range.end));
    if (this.#key === "metadata") this.#metadata = decodeJson(listMeta, value ?? {});
    else if (this.#key === "columnDefinitions") this.#typeColumn = typeColumnOf(value);
    else if (this.#key === "kind") refuseOther(String(value));
    else if (value !== null)
      throw wireError(
        "WIRE_INVALID",
        `JSON list has ${this.#key} that are neither a list nor null`,
      );
    return undefined;
  }

  #itemOf(range: Range): RawObject {
    const { bytes } = this.#queue;
    if (this.#key === "items")
      return new RawItem({ encoding: "json", bytes, range, identity: scanJson(bytes, range) });
    return tableRow(bytes, range, this.#typeColumn);
  }
}

/** The row of a table at `range`; the object it stands for is under `object`. */
export function tableRow(bytes: Buffer, range: Range, typeColumn: number | undefined): RawObject {
  const object = memberOf(bytes, range, objectKey);
  if (object === undefined) throw wireError("WIRE_INVALID", "table row in JSON has no object");
  return new RawItem({
    encoding: "table",
    bytes,
    range,
    identity: scanJson(bytes, object),
    typeColumn,
  });
}
