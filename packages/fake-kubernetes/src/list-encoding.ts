import type { Format } from "./negotiate.ts";
import type { ObjectVersion } from "./object-version.ts";
import { encodeListMeta, envelope } from "./protobuf-meta.ts";
import { delimited, delimitedHead, varintLength } from "./protobuf-writer.ts";
import { apiVersionOf, type ApiResource } from "./resources.ts";
import { columnsOf, partialObjectMetadata, rowOf } from "./table.ts";

interface ListMeta {
  readonly resourceVersion: string;
  /** Empty on the last page. */
  readonly continue: string;
  readonly remainingItemCount: number | undefined;
  /** Echo of the selector that was applied. */
  readonly shardSelector: string | undefined;
}

export interface ListBody {
  readonly resource: ApiResource;
  readonly meta: ListMeta;
  readonly items: readonly ObjectVersion[];
  /** `"items":null` instead of an empty list. */
  readonly nullItems?: boolean;
}

/** The pieces of a list body, one an item: the bytes are the same however large the list is. */
export function* encodeList(format: Format, body: ListBody): Generator<Buffer> {
  if (format.media === "protobuf") yield* protobufList(format, body);
  else yield* jsonList(format, body);
}

/** Makes the protobuf form of each item, since the body begins with its length; yields so that the caller can breathe. */
export function* prepareList(format: Format, { items }: ListBody): Generator<void> {
  if (format.media !== "protobuf") return;
  for (const item of items) {
    item.protobuf();
    yield;
  }
}

function* protobufList(format: Format, { resource, meta, items }: ListBody): Generator<Buffer> {
  const metadata = delimited(1, encodeListMeta(meta));
  const bytesOf = (item: ObjectVersion): Buffer =>
    format.form === "metadata" ? item.protobufMetadata() : item.protobuf();
  let length = metadata.length;
  for (const item of items) {
    const { length: size } = bytesOf(item);
    length += 1 + varintLength(size) + size;
  }
  const { head, tail } = envelope(
    format.form === "metadata"
      ? { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadataList" }
      : { apiVersion: apiVersionOf(resource), kind: `${resource.kind}List` },
    length,
  );
  yield Buffer.concat([head, metadata]);
  for (const item of items) {
    const bytes = bytesOf(item);
    yield delimitedHead(2, bytes.length);
    yield bytes;
  }
  yield tail;
}

function* jsonList(format: Format, body: ListBody): Generator<Buffer> {
  const { head, tail } = jsonFrame(format, body);
  if (body.nullItems === true && body.items.length === 0) {
    yield Buffer.from(`${head}null${tail.slice(1)}`);
    return;
  }
  let before = `${head}[`;
  for (const item of body.items) {
    yield Buffer.from(before + itemText(format, item));
    before = ",";
  }
  yield Buffer.from(body.items.length === 0 ? before + tail : tail);
}

function jsonFrame(format: Format, { resource, meta }: ListBody): { head: string; tail: string } {
  const metadata = JSON.stringify({
    resourceVersion: meta.resourceVersion,
    ...(meta.continue === "" ? {} : { continue: meta.continue }),
    ...(meta.remainingItemCount === undefined
      ? {}
      : { remainingItemCount: meta.remainingItemCount }),
    ...(meta.shardSelector === undefined ? {} : { shardInfo: { selector: meta.shardSelector } }),
  });
  switch (format.form) {
    case "table":
      return {
        head: `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${metadata},"columnDefinitions":${JSON.stringify(columnsOf(resource.name))},"rows":`,
        tail: "]}\n",
      };
    case "metadata":
      return {
        head: `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":${metadata},"items":`,
        tail: "]}\n",
      };
    case "object":
      return resource.custom
        ? customFrame(resource, meta)
        : {
            head: `{"kind":"${resource.kind}List","apiVersion":"${apiVersionOf(resource)}","metadata":${metadata},"items":`,
            tail: "]}\n",
          };
  }
}

/** Custom resources: keys sorted, so the metadata comes last; its type has no place for shardInfo. */
function customFrame(resource: ApiResource, meta: ListMeta): { head: string; tail: string } {
  const metadata = JSON.stringify({
    continue: meta.continue,
    ...(meta.remainingItemCount === undefined
      ? {}
      : { remainingItemCount: meta.remainingItemCount }),
    resourceVersion: meta.resourceVersion,
  });
  return {
    head: `{"apiVersion":"${apiVersionOf(resource)}","items":`,
    tail: `],"kind":"${resource.kind}List","metadata":${metadata}}\n`,
  };
}

function itemText(format: Format, item: ObjectVersion): string {
  switch (format.form) {
    case "object":
      return item.itemText();
    case "metadata":
      return JSON.stringify(partialObjectMetadata(item.object()));
    case "table":
      return JSON.stringify(rowOf(item));
  }
}
