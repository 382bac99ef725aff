import { emptyList, emptyMap, emptyOf } from "./empty.ts";
import type { AnyField, Message } from "./schema.ts";
import { microTimeOf, timeOf } from "./json-time.ts";
import { wireError } from "./wire-error.ts";

/**
 * Makes of a value from `JSON.parse` (or `parseJson`, which keeps every digit) what `decodeProtobuf` makes of the same object. As tolerant as Go's decoder: null is absent,
 * undeclared keys are ignored, times may carry a fraction (dropped, rounding down) and an offset, quantities may be numbers.
 * Throws an ExporterError `WIRE_INVALID` that names the path where a value has a wrong type.
 */
export function decodeJson<T>(message: Message<T>, value: unknown): T {
  // Built field by field from the schema, which the compiler has checked against T.
  return messageOf(message, value, "") as T;
}

interface NamedField {
  readonly name: string;
  readonly field: AnyField;
  readonly empty: unknown;
}

const named = new WeakMap<Message<unknown>, readonly NamedField[]>();

function fieldsOf(message: Message<unknown>): readonly NamedField[] {
  let fields = named.get(message);
  if (fields === undefined) {
    fields = Object.entries(message.fields).map(([name, field]) => ({
      name,
      field,
      empty: emptyOf(field),
    }));
    named.set(message, fields);
  }
  return fields;
}

function messageOf(message: Message<unknown>, value: unknown, path: string): unknown {
  const from = recordOf(value, path);
  const object: Record<string, unknown> = {};
  for (const { name, field, empty } of fieldsOf(message)) {
    const found = field.path.length === 0 ? undefined : own(from, name);
    object[name] =
      found === undefined || found === null ? empty : fieldOf(field, found, `${path}.${name}`);
  }
  return object;
}

function fieldOf(field: AnyField, value: unknown, path: string): unknown {
  switch (field.shape) {
    case "list":
      if (!Array.isArray(value)) throw wrongType(path, "a list", value);
      return value.length === 0
        ? emptyList
        : value.map((element: unknown, index) => elementOf(field, element, `${path}[${index}]`));
    case "map":
      return mapOf(field, value, path);
    case "value":
    case "pointer":
      return elementOf(field, value, path);
  }
}

function mapOf(field: AnyField, value: unknown, path: string): ReadonlyMap<string, string> {
  const entries = Object.entries(recordOf(value, path));
  if (entries.length === 0) return emptyMap;
  const map = new Map<string, string>();
  for (const [key, element] of entries)
    map.set(key, element === null ? zeroOf(field) : textIn(field, element, `${path}[${key}]`));
  return map;
}

const textIn = (field: AnyField, value: unknown, path: string): string =>
  field.kind === "quantity" ? quantityOf(value, path) : stringOf(value, path);

/** A null quantity is 0 in Go, a null string is "". */
const zeroOf = (field: AnyField): string => (field.kind === "quantity" ? "0" : "");

function elementOf(field: AnyField, value: unknown, path: string): unknown {
  switch (field.kind) {
    case "message":
      if (field.message === undefined) throw new TypeError(`${path} has no message`);
      return messageOf(field.message, value ?? {}, path);
    case "string":
      return stringOf(value ?? "", path);
    case "bool":
      if (typeof value !== "boolean") throw wrongType(path, "true or false", value);
      return value;
    case "int32":
      return int32Of(value, path);
    case "int64":
      return Number(integerOf(value, path)) + 0;
    case "int64Text":
      return BigInt(integerOf(value, path)).toString();
    case "double":
      if (typeof value !== "number") throw wrongType(path, "a number", value);
      return value;
    case "bytesLength":
      return Buffer.from(stringOf(value, path), "base64").length;
    case "time":
      return timeOf(stringOf(value, path), path);
    case "microTime":
      return microTimeOf(stringOf(value, path), path);
    case "quantity":
      return quantityOf(value, path);
    case "intOrString":
      return typeof value === "string" ? value : int32Of(value, path);
  }
}

function recordOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrongType(path === "" ? "the object" : path, "an object", value);
  // Any object that JSON.parse makes has string keys.
  return value as Readonly<Record<string, unknown>>;
}

/** Guards against names such as `constructor`, which every object inherits. */
const own = (from: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(from, name) ? from[name] : undefined;

function stringOf(value: unknown, path: string): string {
  if (typeof value !== "string") throw wrongType(path, "a string", value);
  return value;
}

function integerOf(value: unknown, path: string): number | bigint {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)))
    return value;
  throw wrongType(path, "an integer", value);
}

function int32Of(value: unknown, path: string): number {
  const integer = Number(integerOf(value, path));
  if (integer !== (integer | 0)) throw wrongType(path, "an integer of 32 bits", value);
  return integer + 0;
}

function quantityOf(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  if (typeof value !== "number" && typeof value !== "bigint")
    throw wrongType(path, "a quantity", value);
  return String(value);
}

function wrongType(path: string, wanted: string, value: unknown): Error {
  const found =
    value === null ? "null" : Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
  return wireError("WIRE_INVALID", `${path} in JSON should be ${wanted} and is ${found}`);
}
