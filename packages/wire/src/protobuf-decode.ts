import { decoderOf } from "./protobuf-compile.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import type { Message } from "./schema.ts";

/** `[start, end)`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Decodes the message in `bytes[start, end)`, without an envelope. Undeclared fields are skipped.
 * Throws an ExporterError `WIRE_TRUNCATED` or `WIRE_INVALID`; never reads outside the range.
 */
export function decodeProtobuf<T>(
  message: Message<T>,
  bytes: Buffer,
  { start, end }: Range = { start: 0, end: bytes.length },
): T {
  if (start < 0 || end > bytes.length || start > end)
    throw new RangeError(`[${start}, ${end}) is outside ${bytes.length} bytes`);
  // The decoder follows the schema, which the compiler has checked against T.
  return decoderOf(message)(new ProtobufReader(bytes, start), end) as T;
}
