import type { Format } from "./negotiate.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import type { ObjectVersion } from "./object-version.ts";
import { encodeObjectMeta, encodeStatusObject, enveloped, watchFrame } from "./protobuf-meta.ts";
import { encodeBody } from "./protobuf-schemas.ts";
import { delimited } from "./protobuf-writer.ts";
import { apiVersionOf, type ApiResource } from "./resources.ts";
import type { StatusBody } from "./status.ts";
import { columnsOf, partialObjectMetadata, rowOf } from "./table.ts";

const metadataType = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata" };

/** A single object as a response body, without the newline that ends a JSON one. */
export function encodeSingle(format: Format, object: ObjectVersion, columns = true): Buffer {
  if (format.media === "protobuf")
    return format.form === "metadata"
      ? enveloped(metadataType, object.protobufMetadata())
      : enveloped(typeOf(object.resource), object.protobuf());
  switch (format.form) {
    case "object":
      return Buffer.from(object.text());
    case "metadata":
      return Buffer.from(JSON.stringify(partialObjectMetadata(object.object())));
    case "table":
      return table(object.resource, String(object.resourceVersion), {
        row: rowOf(object),
        columns,
      });
  }
}

/** One event of a watch body. Only the first Table of a watch has column definitions. */
export function encodeEvent(format: Format, type: string, content: Buffer): Buffer {
  return format.media === "protobuf"
    ? watchFrame(type, content)
    : Buffer.concat([Buffer.from(`{"type":"${type}","object":`), content, Buffer.from("}\n")]);
}

/** The content of a bookmark: an empty object of the kind with a version. */
export function bookmarkContent(
  format: Format,
  resource: ApiResource,
  mark: {
    readonly resourceVersion: number;
    readonly initialEventsEnd: boolean;
    readonly columns: boolean;
  },
): Buffer {
  const resourceVersion = String(mark.resourceVersion);
  const metadata = {
    resourceVersion,
    ...(mark.initialEventsEnd ? { annotations: { "k8s.io/initial-events-end": "true" } } : {}),
  };
  if (format.media === "protobuf") {
    const encoded = delimited(1, encodeObjectMeta(metadata));
    return format.form === "metadata"
      ? enveloped(metadataType, encoded)
      : enveloped(typeOf(resource), Buffer.concat([encoded, encodeBody(resource, {})]));
  }
  const object: KubernetesObject = { metadata };
  switch (format.form) {
    case "object":
      return Buffer.from(
        JSON.stringify({ kind: resource.kind, apiVersion: apiVersionOf(resource), metadata }),
      );
    case "metadata":
      return Buffer.from(JSON.stringify(partialObjectMetadata(object)));
    case "table": {
      const cells = columnsOf(resource.name).map((column) =>
        column.name === "Data" ? 0 : column.name === "Age" ? "<unknown>" : "",
      );
      return table(resource, resourceVersion, {
        row: { cells, object: partialObjectMetadata(object) },
        columns: mark.columns,
      });
    }
  }
}

/** The content of an ERROR event. */
export function statusContent(format: Format, status: StatusBody): Buffer {
  return format.media === "protobuf"
    ? encodeStatusObject(status)
    : Buffer.from(JSON.stringify(status));
}

function typeOf(resource: ApiResource): { apiVersion: string; kind: string } {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function table(
  resource: ApiResource,
  resourceVersion: string,
  content: { readonly row: unknown; readonly columns: boolean },
): Buffer {
  return Buffer.from(
    JSON.stringify({
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      metadata: { resourceVersion },
      columnDefinitions: content.columns ? columnsOf(resource.name) : null,
      rows: [content.row],
    }),
  );
}
