import type { Range } from "./protobuf-decode.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { wireError } from "./wire-error.ts";

/** `k8s` NUL: before every list body, single object and object in a watch event. */
export const magic: Buffer = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** Where the message itself lies. */
  readonly raw: Range;
}

export const hasMagic = (bytes: Buffer, { start, end }: Range): boolean =>
  end - start >= magic.length &&
  bytes[start] === 0x6b &&
  bytes[start + 1] === 0x38 &&
  bytes[start + 2] === 0x73 &&
  bytes[start + 3] === 0;

/** Opens magic + `runtime.Unknown` in `[start, end)`. Throws `WIRE_…` where it is none or its content is not plain protobuf. */
export function openEnvelope(bytes: Buffer, { start, end }: Range): Envelope {
  if (!hasMagic(bytes, { start, end }))
    throw wireError("WIRE_INVALID", "protobuf object does not begin with the magic of Kubernetes");
  const reader = new ProtobufReader(bytes, start + magic.length);
  let type: TypeMeta = { apiVersion: "", kind: "" };
  let raw: Range = { start: end, end };
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag === 10) type = typeMetaOf(reader, reader.limit(end));
    else if (tag === 18) {
      const limit = reader.limit(end);
      raw = { start: reader.position, end: limit };
      reader.position = limit;
    } else if (tag === 26 || tag === 34) refuseWrapping(reader.string(end));
    else reader.skip(tag, end);
  }
  return { ...type, raw };
}

interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Reads `runtime.TypeMeta` up to `end`. */
export function typeMetaOf(reader: ProtobufReader, end: number): TypeMeta {
  let apiVersion = "";
  let kind = "";
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag === 10) apiVersion = reader.string(end);
    else if (tag === 18) kind = reader.string(end);
    else reader.skip(tag, end);
  }
  return { apiVersion, kind };
}

/** `contentEncoding` and `contentType` are written and empty; one that says something announces what cannot be read. */
export function refuseWrapping(text: string): void {
  if (text !== "")
    throw wireError(
      "WIRE_UNEXPECTED",
      `protobuf object is wrapped as ${JSON.stringify(text)}, which cannot be read`,
    );
}
