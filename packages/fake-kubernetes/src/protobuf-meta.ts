import type { ManagedFields, ObjectMeta, OwnerReference } from "./kubernetes-object.ts";
import { delimited, delimitedHead, integer, varint } from "./protobuf-writer.ts";
import type { StatusBody } from "./status.ts";

const magic = Buffer.from("k8s\0", "latin1");
/** Fields 3 and 4 of runtime.Unknown, always written. */
const unknownTail = Buffer.from([0x1a, 0x00, 0x22, 0x00]);

const fieldTexts = new WeakMap<object, Buffer>();

export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Everything of an enveloped object before and after its `raw` bytes of the given length. */
export function envelope(
  type: TypeMeta,
  rawLength: number,
): { readonly head: Buffer; readonly tail: Buffer } {
  const typeMeta = Buffer.concat([delimited(1, type.apiVersion), delimited(2, type.kind)]);
  return {
    head: Buffer.concat([magic, delimited(1, typeMeta), delimitedHead(2, rawLength)]),
    tail: unknownTail,
  };
}

/** A whole enveloped object. */
export function enveloped(type: TypeMeta, raw: Uint8Array): Buffer {
  const { head, tail } = envelope(type, raw.length);
  return Buffer.concat([head, raw, tail]);
}

/** One frame of a watch body around an enveloped object. */
export function watchFrame(type: string, object: Uint8Array): Buffer {
  const rawExtension = delimitedHead(1, object.length);
  const body = Buffer.concat([
    delimited(1, type),
    delimitedHead(2, rawExtension.length + object.length),
    rawExtension,
    object,
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** ObjectMeta with all its fields, as the server writes it: values always, pointers when set. */
export function encodeObjectMeta(meta: ObjectMeta): Buffer {
  const parts: Buffer[] = [
    delimited(1, meta.name ?? ""),
    delimited(2, meta.generateName ?? ""),
    delimited(3, meta.namespace ?? ""),
    delimited(4, ""),
    delimited(5, meta.uid ?? ""),
    delimited(6, meta.resourceVersion ?? ""),
    integer(7, meta.generation ?? 0),
    delimited(8, encodeTime(meta.creationTimestamp)),
  ];
  if (meta.deletionTimestamp !== undefined)
    parts.push(delimited(9, encodeTime(meta.deletionTimestamp)));
  if (meta.deletionGracePeriodSeconds !== undefined)
    parts.push(integer(10, meta.deletionGracePeriodSeconds));
  parts.push(...encodeMap(11, meta.labels), ...encodeMap(12, meta.annotations));
  for (const owner of meta.ownerReferences ?? []) parts.push(delimited(13, encodeOwner(owner)));
  for (const finalizer of meta.finalizers ?? []) parts.push(delimited(14, finalizer));
  for (const managed of meta.managedFields ?? []) parts.push(delimited(17, encodeManaged(managed)));
  return Buffer.concat(parts);
}

/** ListMeta; `remainingItemCount` and `shardSelector` only when given. */
export function encodeListMeta(meta: {
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
  readonly shardSelector?: string | undefined;
}): Buffer {
  const parts = [
    delimited(1, ""),
    delimited(2, meta.resourceVersion),
    delimited(3, meta.continue ?? ""),
  ];
  if (meta.remainingItemCount !== undefined) parts.push(integer(4, meta.remainingItemCount));
  if (meta.shardSelector !== undefined) parts.push(delimited(5, delimited(1, meta.shardSelector)));
  return Buffer.concat(parts);
}

/** A v1 Status with its envelope. */
export function encodeStatusObject(status: StatusBody): Buffer {
  const parts = [
    delimited(1, encodeListMeta({ resourceVersion: "", continue: status.metadata.continue ?? "" })),
    delimited(2, status.status),
    delimited(3, status.message ?? ""),
    delimited(4, status.reason ?? ""),
  ];
  const { details } = status;
  if (details !== undefined) {
    const causes = (details.causes ?? []).map((cause) =>
      delimited(
        4,
        Buffer.concat([
          delimited(1, cause.reason),
          delimited(2, cause.message),
          delimited(3, cause.field ?? ""),
        ]),
      ),
    );
    parts.push(
      delimited(
        5,
        Buffer.concat([
          delimited(1, details.name ?? ""),
          delimited(2, details.group ?? ""),
          delimited(3, details.kind ?? ""),
          ...causes,
          integer(5, details.retryAfterSeconds ?? 0),
          delimited(6, details.uid ?? ""),
        ]),
      ),
    );
  }
  parts.push(integer(6, status.code ?? 0));
  return enveloped({ apiVersion: "v1", kind: "Status" }, Buffer.concat(parts));
}

/** Time in whole seconds; unset is the zero-length message. */
function encodeTime(text: string | null | undefined): Buffer {
  if (text === undefined || text === null) return Buffer.alloc(0);
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds) || milliseconds < 0) return Buffer.alloc(0);
  return Buffer.concat([integer(1, Math.floor(milliseconds / 1000)), integer(2, 0)]);
}

function encodeMap(field: number, map: Record<string, string> | undefined): Buffer[] {
  if (map === undefined) return [];
  return Object.keys(map)
    .toSorted()
    .map((key) =>
      delimited(field, Buffer.concat([delimited(1, key), delimited(2, map[key] ?? "")])),
    );
}

function encodeOwner(owner: OwnerReference): Buffer {
  const parts = [
    delimited(1, owner.kind ?? ""),
    delimited(3, owner.name ?? ""),
    delimited(4, owner.uid ?? ""),
    delimited(5, owner.apiVersion ?? ""),
  ];
  if (owner.controller !== undefined) parts.push(integer(6, Number(owner.controller)));
  if (owner.blockOwnerDeletion !== undefined)
    parts.push(Buffer.concat([varint(7 * 8), varint(Number(owner.blockOwnerDeletion))]));
  return Buffer.concat(parts);
}

/** The text of a field set; synthetic pods share theirs, so it is remembered by identity. */
function fieldsText(fields: unknown): Buffer {
  if (typeof fields !== "object" || fields === null) return Buffer.from(JSON.stringify(fields));
  let text = fieldTexts.get(fields);
  if (text === undefined) {
    text = Buffer.from(JSON.stringify(fields));
    fieldTexts.set(fields, text);
  }
  return text;
}

function encodeManaged(managed: ManagedFields): Buffer {
  const parts = [
    delimited(1, managed.manager ?? ""),
    delimited(2, managed.operation ?? ""),
    delimited(3, managed.apiVersion ?? ""),
  ];
  if (managed.time !== undefined) parts.push(delimited(4, encodeTime(managed.time)));
  parts.push(delimited(6, managed.fieldsType ?? ""));
  if (managed.fieldsV1 !== undefined)
    parts.push(delimited(7, delimited(1, fieldsText(managed.fieldsV1))));
  parts.push(delimited(8, managed.subresource ?? ""));
  return Buffer.concat(parts);
}
