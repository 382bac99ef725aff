import type { Range } from "./protobuf-decode.ts";
import { ProtobufReader } from "./protobuf-reader.ts";
import { noIdentity, type Identity } from "./raw-item.ts";

/**
 * Finds uid, resourceVersion, namespace and name of the object in `bytes[start, end)` without decoding it. The server writes metadata
 * first and its fields in ascending order, always with these four, so that this takes some 100 bytes.
 */
export function scanProtobuf(bytes: Buffer, { start, end }: Range): Identity {
  const identity = noIdentity();
  const reader = new ProtobufReader(bytes, start);
  while (reader.position < end) {
    const tag = reader.tag(end);
    if (tag !== 10) {
      reader.skip(tag, end);
      continue;
    }
    scanMetadata(reader, reader.limit(end), identity);
    break;
  }
  return identity;
}

function scanMetadata(reader: ProtobufReader, end: number, identity: Identity): void {
  let missing = 4;
  while (missing > 0 && reader.position < end) {
    const tag = reader.tag(end);
    if (tag === 10) identity.name = rangeOf(reader, end);
    else if (tag === 26) identity.namespace = rangeOf(reader, end);
    else if (tag === 42) identity.uid = rangeOf(reader, end);
    else if (tag === 50) identity.resourceVersion = rangeOf(reader, end);
    else {
      reader.skip(tag, end);
      continue;
    }
    missing--;
  }
}

function rangeOf(reader: ProtobufReader, end: number): Range {
  const limit = reader.limit(end);
  const start = reader.position;
  reader.position = limit;
  return { start, end: limit };
}
