import { emptyList, emptyMap, emptyOf } from "./empty.ts";
import { parseRfc3339, unixSeconds, unixSecondsFloored } from "./json-time.ts";
import { Misfit, within } from "./misfit.ts";
import type { AnyField, Message } from "./schema.ts";
import { wireError } from "./wire-error.ts";

/**
 * Makes of a value from `JSON.parse` (or `parseJson`, which keeps every digit) what `decodeProtobuf` makes of the same object.
 * As tolerant as Go's decoder: null is absent, undeclared keys are ignored, times may carry a fraction (dropped, rounding down)
 * and an offset, quantities may be numbers. Throws an ExporterError `WIRE_INVALID` that names the path of a value of a wrong type.
 */
export function decodeJson<T>(message: Message<T>, value: unknown): T {
  try {
    // Built field by field from the schema, which the compiler has checked against T.
    return converterOf(message)(value) as T;
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw wireError("WIRE_INVALID", `${error.path || "the object"} in JSON ${error.message}`);
  }
}

type Convert = (value: unknown) => unknown;

const converters = new WeakMap<Message<unknown>, Convert>();

function converterOf(message: Message<unknown>): Convert {
  let convert = converters.get(message);
  if (convert === undefined) {
    convert = compile(message);
    converters.set(message, convert);
  }
  return convert;
}

function compile(message: Message<unknown>): Convert {
  if (message.jsonOnly === "whole") return recordOf;
  const entries = Object.entries(message.fields);
  const absent = Object.fromEntries(entries.map(([name, field]) => [name, emptyOf(field)]));
  const wanted = entries
    .filter(([, field]) => field.path.length > 0)
    .map(([name, field]) => ({ name, convert: converterOfField(field) }));
  return (value) => {
    const from = recordOf(value);
    const object: Record<string, unknown> = { ...absent };
    for (const { name, convert } of wanted) {
      // No field is called like something that every object inherits.
      const found = from[name];
      if (found === undefined || found === null) continue;
      try {
        object[name] = convert(found);
      } catch (error) {
        throw within(`.${name}`, error);
      }
    }
    return object;
  };
}

function converterOfField(field: AnyField): Convert {
  const convert = converterOfElement(field);
  if (field.shape === "list") return listConverter(convert);
  if (field.shape === "map") return mapConverter(convert, field.kind === "quantity" ? "0" : "");
  return convert;
}

function listConverter(convert: Convert): Convert {
  return (value) => {
    if (!Array.isArray(value)) throw Misfit.wanted("a list", value);
    if (value.length === 0) return emptyList;
    return value.map((element: unknown, index) => {
      try {
        return convert(element);
      } catch (error) {
        throw within(`[${index}]`, error);
      }
    });
  };
}

/** A null among the values is what Go makes of it: the zero value. */
function mapConverter(convert: Convert, zero: string): Convert {
  return (value) => {
    const entries = Object.entries(recordOf(value));
    if (entries.length === 0) return emptyMap;
    const map = new Map<string, unknown>();
    for (const [key, element] of entries) {
      try {
        map.set(key, element === null ? zero : convert(element));
      } catch (error) {
        throw within(`[${key}]`, error);
      }
    }
    return map;
  };
}

function converterOfElement(field: AnyField): Convert {
  switch (field.kind) {
    case "message": {
      const convert = field.message === undefined ? recordOf : converterOf(field.message);
      return (value) => convert(value ?? {});
    }
    case "string":
      return (value) => stringOf(value ?? "");
    case "bool":
      return boolOf;
    case "int32":
      return int32Of;
    case "int64":
      return (value) => Number(integerOf(value)) + 0;
    case "int64Text":
      return (value) => BigInt(integerOf(value)).toString();
    case "double":
      return doubleOf;
    case "bytesLength":
      return (value) => Buffer.from(stringOf(value), "base64").length;
    case "time":
      return (value) => unixSecondsFloored(parseRfc3339(stringOf(value)));
    case "microTime":
      return (value) => unixSeconds(parseRfc3339(stringOf(value)));
    case "quantity":
      return quantityOf;
    case "intOrString":
      return (value) => (typeof value === "string" ? value : int32Of(value));
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw Misfit.wanted("an object", value);
  // Any object that JSON.parse makes has string keys.
  return value as Readonly<Record<string, unknown>>;
}

function stringOf(value: unknown): string {
  if (typeof value !== "string") throw Misfit.wanted("a string", value);
  return value;
}

function boolOf(value: unknown): boolean {
  if (typeof value !== "boolean") throw Misfit.wanted("true or false", value);
  return value;
}

function doubleOf(value: unknown): number {
  if (typeof value !== "number") throw Misfit.wanted("a number", value);
  return value;
}

function integerOf(value: unknown): number | bigint {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)))
    return value;
  throw Misfit.wanted("an integer", value);
}

/** Adding 0 makes 0 of the -0 that JSON can write. */
function int32Of(value: unknown): number {
  const integer = Number(integerOf(value));
  if (integer !== (integer | 0)) throw Misfit.wanted("an integer of 32 bits", value);
  return integer + 0;
}

function quantityOf(value: unknown): string {
  if (typeof value === "string") return value === "" ? "0" : value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw Misfit.wanted("a quantity", value);
}
