import { isZero, parseRfc3339 } from "./json-time.ts";
import { magic } from "./protobuf-envelope.ts";
import type { AnyField, Message } from "./schema.ts";
import { listMeta, status } from "./schema/list-meta.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Writes the declared fields of an object in JSON form as the API server does: in ascending order, "value" fields also when empty,
 * pointers, list elements and map entries (sorted by key) only when set. No envelope.
 * For servers that are fakes, and for tests: an ill-typed value throws a TypeError.
 */
export function encodeProtobuf(message: Message<unknown>, json: unknown): Buffer {
  const from = recordOf(json ?? {}, message.name);
  const fields = Object.entries(message.fields).map(([name, field]): Located => ({
    name,
    field,
    path: field.path,
  }));
  return Buffer.concat(level(fields, from));
}

/** The type of the object inside an envelope. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A single object as it stands in a response body or a watch event: magic, then `runtime.Unknown` around `message`. */
export function encodeObject({ apiVersion, kind }: TypeMeta, message: Uint8Array): Buffer {
  const typeMeta = Buffer.concat([lengthDelimited(1, apiVersion), lengthDelimited(2, kind)]);
  return Buffer.concat([
    magic,
    lengthDelimited(1, typeMeta),
    lengthDelimited(2, message),
    lengthDelimited(3, ""),
    lengthDelimited(4, ""),
  ]);
}

/** A list body: `type` is the list's, `metadata` its ListMeta in JSON form, `items` the encoded messages. */
export function encodeList(
  type: TypeMeta,
  metadata: unknown,
  items: readonly Uint8Array[],
): Buffer {
  const fields = items.map((item) => lengthDelimited(2, item));
  return encodeObject(
    type,
    Buffer.concat([lengthDelimited(1, encodeProtobuf(listMeta, metadata)), ...fields]),
  );
}

/** A v1 Status in JSON form as a response body, or as the object of an ERROR event. */
export const encodeStatus = (json: unknown): Buffer =>
  encodeObject({ apiVersion: "v1", kind: "Status" }, encodeProtobuf(status, json));

/** One frame of a watch body; `object` is what `encodeObject` or `encodeStatus` gave. */
export function encodeWatchFrame(type: string, object: Uint8Array): Buffer {
  const event = Buffer.concat([
    lengthDelimited(1, type),
    lengthDelimited(2, lengthDelimited(1, object)),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.length);
  return Buffer.concat([length, event]);
}

interface Located {
  readonly name: string;
  readonly field: AnyField;
  /** What is left of the field's path at this level. */
  readonly path: readonly number[];
}

/** The fields of one message, those of embedded structs as messages of their own. */
function level(fields: readonly Located[], from: Json): Buffer[] {
  const byNumber = Map.groupBy(
    fields.filter(({ path }) => path.length > 0),
    ({ path }) => path[0] ?? 0,
  );
  return [...byNumber]
    .sort(([left], [right]) => left - right)
    .flatMap(([number, located]) => {
      const [only] = located;
      if (only !== undefined && only.path.length === 1)
        return fieldBytes(only.field, number, from[only.name]);
      const nested = located.map((one) => ({ ...one, path: one.path.slice(1) }));
      return [lengthDelimited(number, Buffer.concat(level(nested, from)))];
    });
}

function fieldBytes(field: AnyField, number: number, value: unknown): Buffer[] {
  switch (field.shape) {
    case "list":
      return listOf(value).map((element) => valueBytes(field, number, element));
    case "map":
      return Object.entries(recordOf(value ?? {}, `field ${number}`))
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([key, element]) =>
          lengthDelimited(
            number,
            Buffer.concat([lengthDelimited(1, key), valueBytes(field, 2, element)]),
          ),
        );
    case "pointer":
      return value === undefined || value === null ? [] : [valueBytes(field, number, value)];
    case "value":
      return [valueBytes(field, number, value ?? undefined)];
  }
}

function valueBytes(field: AnyField, number: number, value: unknown): Buffer {
  switch (field.kind) {
    case "message":
      if (field.message === undefined) throw new TypeError(`field ${number} has no message`);
      return lengthDelimited(number, encodeProtobuf(field.message, value));
    case "string":
      return lengthDelimited(number, textOf(value ?? ""));
    case "bool":
      return varintField(number, value === true ? 1n : 0n);
    case "int32":
    case "int64":
    case "int64Text":
      return varintField(number, integerOf(value ?? 0));
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(value ?? 0));
      return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes]);
    }
    case "bytesLength":
      return lengthDelimited(number, Buffer.from(textOf(value ?? ""), "base64"));
    case "time":
    case "microTime":
      return lengthDelimited(number, timeBytes(value));
    case "quantity":
      return lengthDelimited(number, lengthDelimited(1, quantityOf(value ?? "0")));
    case "intOrString":
      return lengthDelimited(
        number,
        Buffer.concat([
          varintField(1, typeof value === "string" ? 1n : 0n),
          varintField(2, typeof value === "string" ? 0n : integerOf(value ?? 0)),
          lengthDelimited(3, typeof value === "string" ? value : ""),
        ]),
      );
  }
}

/** Zero length for the unset time. */
function timeBytes(value: unknown): Buffer {
  if (value === undefined || value === null) return Buffer.alloc(0);
  const at = parseRfc3339(textOf(value));
  if (isZero(at)) return Buffer.alloc(0);
  const { seconds, microseconds } = at;
  return Buffer.concat([
    varintField(1, BigInt(seconds)),
    varintField(2, BigInt(microseconds * 1_000)),
  ]);
}

function lengthDelimited(number: number, value: Uint8Array | string): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
}

const varintField = (number: number, value: bigint): Buffer =>
  Buffer.concat([varint(BigInt(number * 8)), varint(value)]);

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left > 0x7fn; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

function recordOf(value: unknown, what: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${what} should be an object`);
  // Any object that is not an array can be read by key.
  return value as Json;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new TypeError("a list field should hold an array");
  return value;
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${String(value)} should be a string`);
  return value;
}

const quantityOf = (value: unknown): string =>
  typeof value === "number" ? String(value) : textOf(value);

function integerOf(value: unknown): bigint {
  if (typeof value !== "number" && typeof value !== "bigint")
    throw new TypeError(`${String(value)} should be an integer`);
  return BigInt(value);
}
