import { isProtobuf } from "./content-type.ts";
import { JsonListReader } from "./json-list.ts";
import { JsonWatchReader } from "./json-watch.ts";
import { ProtobufListReader } from "./protobuf-list.ts";
import { ProtobufWatchReader } from "./protobuf-watch.ts";
import type { ListReader, WatchReader } from "./raw-object.ts";

/** A reader for a list body with this response `Content-Type`: protobuf, else JSON, where a Table is told by its content. */
export function createListReader(contentType: string): ListReader {
  return isProtobuf(contentType) ? new ProtobufListReader() : new JsonListReader();
}

/** A reader for a watch body, likewise. */
export function createWatchReader(contentType: string): WatchReader {
  return isProtobuf(contentType) ? new ProtobufWatchReader() : new JsonWatchReader();
}
