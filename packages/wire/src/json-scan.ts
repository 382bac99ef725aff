import type { Range } from "./protobuf-decode.ts";
import { noIdentity, type Identity } from "./raw-item.ts";
import { wireError } from "./wire-error.ts";

const quote = 0x22;
const backslash = 0x5c;

/**
 * Finds where one JSON value ends, over any number of chunks. It follows strings and nesting and checks nothing else:
 * what is kept goes through `JSON.parse` later, what is not kept need not be valid.
 */
export class JsonValueEnd {
  #depth = 0;
  #inString = false;
  /** Bytes of the value seen so far; one more than there are after a backslash at the end of a chunk. */
  #seen = 0;

  /** `start` is where the value begins. The end of the value, or -1 while it has not come; then ask again with more bytes. */
  find(bytes: Buffer, { start, end }: Range): number {
    let position = start + this.#seen;
    let depth = this.#depth;
    let inString = this.#inString;
    while (position < end) {
      if (inString) {
        while (inString && position < end) {
          const byte = bytes[position++] ?? 0;
          if (byte === quote) inString = false;
          else if (byte === backslash) position++;
        }
        if (inString) break;
        if (depth === 0) return this.#found(position);
      }
      // Most bytes between strings are brackets, colons and commas, of which only brackets and quotes matter.
      while (position < end) {
        const byte = bytes[position++] ?? 0;
        if (byte === quote) {
          inString = true;
          break;
        }
        if (byte === 0x7b || byte === 0x5b) depth++;
        else if (byte === 0x7d || byte === 0x5d) {
          if (--depth === 0) return this.#found(position);
          if (depth < 0) return this.#scalarEnd(bytes, start, position - 1);
        } else if (depth === 0 && (byte === 0x2c || isSpace(byte)))
          return this.#scalarEnd(bytes, start, position - 1);
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#seen = position - start;
    return -1;
  }

  /** What closes or follows the enclosing object ends a number, true, false or null; it may not stand where a value begins. */
  #scalarEnd(bytes: Buffer, start: number, end: number): number {
    if (end > start) return this.#found(end);
    const found = JSON.stringify(String.fromCharCode(bytes[end] ?? 0));
    throw wireError("WIRE_INVALID", `JSON has ${found} where a value should be`);
  }

  #found(position: number): number {
    this.#depth = 0;
    this.#inString = false;
    this.#seen = 0;
    return position;
  }
}

export const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The text of the string token `[start, end)`, quotes included; where it has no escapes, the bytes between the quotes as they are. */
export function tokenOf(bytes: Buffer, { start, end }: Range): Range | string {
  const inner = { start: start + 1, end: end - 1 };
  for (let index = inner.start; index < inner.end; index++)
    if (bytes[index] === backslash) return unescape(bytes.toString("utf8", start, end));
  return inner;
}

/** Calls `visit` with each key and where its value lies, in the order written, until it answers true. */
export function visitMembers(
  bytes: Buffer,
  { start, end }: Range,
  visit: (key: Range | string, value: Range) => boolean,
): void {
  const values = new JsonValueEnd();
  let position = spaces(bytes, start, end);
  if (bytes[position] !== 0x7b || position >= end) throw malformed("object", position - start);
  position = spaces(bytes, position + 1, end);
  if (bytes[position] === 0x7d) return;
  for (;;) {
    if (bytes[position] !== quote || position >= end) throw malformed("key", position - start);
    const key = { start: position, end: must(values.find(bytes, { start: position, end })) };
    position = spaces(bytes, key.end, end);
    if (bytes[position] !== 0x3a || position >= end) throw malformed("colon", position - start);
    const from = spaces(bytes, position + 1, end);
    const value = { start: from, end: must(values.find(bytes, { start: from, end })) };
    if (visit(tokenOf(bytes, key), value)) return;
    position = spaces(bytes, value.end, end);
    if (bytes[position] === 0x7d && position < end) return;
    if (bytes[position] !== 0x2c || position >= end) throw malformed("comma", position - start);
    position = spaces(bytes, position + 1, end);
  }
}

/** Where the value of `key` lies in the object `range`. */
export function memberOf(bytes: Buffer, range: Range, key: Buffer): Range | undefined {
  let found: Range | undefined;
  visitMembers(bytes, range, (token, value) => {
    if (!isKey(bytes, token, key)) return false;
    found = value;
    return true;
  });
  return found;
}

export function isKey(bytes: Buffer, token: Range | string, key: Buffer): boolean {
  if (typeof token === "string") return token === key.toString("latin1");
  if (token.end - token.start !== key.length) return false;
  for (let index = 0; index < key.length; index++)
    if (bytes[token.start + index] !== key[index]) return false;
  return true;
}

const metadataKey = Buffer.from("metadata");
const uidKey = Buffer.from("uid");
const resourceVersionKey = Buffer.from("resourceVersion");
const namespaceKey = Buffer.from("namespace");
const nameKey = Buffer.from("name");

/** Finds uid, resourceVersion, namespace and name in the object's own metadata; deeper ones (owners, pod templates) do not count. */
export function scanJson(bytes: Buffer, range: Range): Identity {
  const identity = noIdentity();
  const metadata = memberOf(bytes, range, metadataKey);
  if (metadata === undefined || bytes[metadata.start] !== 0x7b) return identity;
  visitMembers(bytes, metadata, (key, value) => {
    if (bytes[value.start] !== quote) return false;
    if (isKey(bytes, key, uidKey)) identity.uid = tokenOf(bytes, value);
    else if (isKey(bytes, key, resourceVersionKey))
      identity.resourceVersion = tokenOf(bytes, value);
    else if (isKey(bytes, key, namespaceKey)) identity.namespace = tokenOf(bytes, value);
    else if (isKey(bytes, key, nameKey)) identity.name = tokenOf(bytes, value);
    return false;
  });
  return identity;
}

function spaces(bytes: Buffer, start: number, end: number): number {
  let position = start;
  while (position < end && isSpace(bytes[position] ?? 0)) position++;
  return position;
}

function must(position: number): number {
  if (position === -1) throw wireError("WIRE_TRUNCATED", "JSON object ends inside a value");
  return position;
}

function unescape(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch (cause) {
    throw wireError("WIRE_INVALID", `JSON string cannot be read: ${token}`, cause);
  }
}

function malformed(wanted: string, offset: number): Error {
  return wireError("WIRE_INVALID", `JSON object has no ${wanted} at byte ${offset}`);
}
