import { decodeJson } from "./json-decode.ts";
import { parseJson } from "./json-parse.ts";
import { decodeProtobuf } from "./protobuf-decode.ts";
import type { RawObject } from "./raw-object.ts";
import type { Message } from "./schema.ts";
import { wireError } from "./wire-error.ts";

/**
 * Decodes an object as its encoding demands; of a table row, `metadata` and what the `Type` column shows as `type`.
 * Throws an ExporterError with a `WIRE_…` code. Nothing of the result refers to the raw bytes.
 */
export function decode<T>(message: Message<T>, raw: RawObject): T {
  if (raw.encoding === "protobuf") {
    if (message.jsonOnly !== undefined)
      throw wireError(
        "WIRE_UNEXPECTED",
        `${message.name} is known in JSON only and came as protobuf`,
      );
    return decodeProtobuf(message, raw.bytes, raw);
  }
  const value = parseJson(raw.bytes.toString("utf8", raw.start, raw.end));
  if (raw.encoding === "json") return decodeJson(message, value);
  if ("type" in message.fields && raw.typeColumn === undefined)
    throw wireError("WIRE_UNEXPECTED", `table of ${message.name} rows has no column named Type`);
  return decodeJson(message, fromRow(value, raw));
}

function fromRow(row: unknown, { typeColumn }: RawObject): unknown {
  if (typeof row !== "object" || row === null || !("object" in row) || !("cells" in row))
    throw wireError("WIRE_INVALID", "table row in JSON has no object or no cells");
  if (typeof row.object !== "object" || !Array.isArray(row.cells))
    throw wireError("WIRE_INVALID", "table row in JSON has no object or no cells");
  if (typeColumn === undefined) return row.object;
  const type: unknown = row.cells[typeColumn];
  return { ...row.object, type };
}
