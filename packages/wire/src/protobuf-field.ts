import type { Range } from "./protobuf-decode.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { wireError } from "./wire-error.ts";

/** A field whose tag and length have come; its value is `[start, end)`, of which nothing need have come. */
export interface FieldAt {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** The field that begins at `start`, or `undefined` while its tag and length have not come whole. Throws for groups. */
export function fieldAt(bytes: Buffer, { start, end }: Range): FieldAt | undefined {
  const value = varintEnd(bytes, start, end);
  if (value === -1) return undefined;
  const tag = new ProtobufReader(bytes, start).tag(value);
  switch (tag & 7) {
    case 0: {
      const valueEnd = varintEnd(bytes, value, end);
      return valueEnd === -1 ? undefined : { tag, start: value, end: valueEnd };
    }
    case 1:
      return { tag, start: value, end: value + 8 };
    case 2: {
      const content = varintEnd(bytes, value, end);
      if (content === -1) return undefined;
      const length = new ProtobufReader(bytes, value).varint(content);
      return { tag, start: content, end: content + length };
    }
    case 5:
      return { tag, start: value, end: value + 4 };
    default:
      throw wireError("WIRE_INVALID", `protobuf wire type ${tag & 7} is not used by Kubernetes`);
  }
}

/** Where the varint at `start` ends, or -1 while it has not come whole; one that is too long is left to its reader. */
function varintEnd(bytes: Buffer, start: number, end: number): number {
  for (let position = start; position < end; position++)
    if ((bytes[position] ?? 0) < 0x80 || position - start >= 10) return position + 1;
  return -1;
}
