import { ByteWriter } from "./byte-writer.ts";
import type { ManagedFields, ObjectMeta, OwnerReference } from "./kubernetes-object.ts";
import { delimited, delimitedHead, integer } from "./protobuf-writer.ts";
import { writeTime } from "./schema-writer.ts";
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

const writer = new ByteWriter();

/** ObjectMeta with all its fields, as the server writes it: values always, pointers when set. */
export function encodeObjectMeta(meta: ObjectMeta): Buffer {
  writer.text(1, meta.name ?? "");
  writer.text(2, meta.generateName ?? "");
  writer.text(3, meta.namespace ?? "");
  writer.text(4, "");
  writer.text(5, meta.uid ?? "");
  writer.text(6, meta.resourceVersion ?? "");
  writer.integer(7, meta.generation ?? 0);
  writeTime(writer, 8, meta.creationTimestamp);
  if (meta.deletionTimestamp !== undefined) writeTime(writer, 9, meta.deletionTimestamp);
  if (meta.deletionGracePeriodSeconds !== undefined)
    writer.integer(10, meta.deletionGracePeriodSeconds);
  writeMap(11, meta.labels);
  writeMap(12, meta.annotations);
  for (const owner of meta.ownerReferences ?? []) writeOwner(owner);
  for (const finalizer of meta.finalizers ?? []) writer.text(14, finalizer);
  for (const managed of meta.managedFields ?? []) writeManaged(managed);
  return writer.take();
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

function writeMap(field: number, map: Record<string, string> | undefined): void {
  for (const key of Object.keys(map ?? {}).toSorted()) {
    const start = writer.open(field);
    writer.text(1, key);
    writer.text(2, map?.[key] ?? "");
    writer.close(start);
  }
}

function writeOwner(owner: OwnerReference): void {
  const start = writer.open(13);
  writer.text(1, owner.kind ?? "");
  writer.text(3, owner.name ?? "");
  writer.text(4, owner.uid ?? "");
  writer.text(5, owner.apiVersion ?? "");
  if (owner.controller !== undefined) writer.integer(6, owner.controller ? 1 : 0);
  if (owner.blockOwnerDeletion !== undefined) writer.integer(7, owner.blockOwnerDeletion ? 1 : 0);
  writer.close(start);
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

function writeManaged(managed: ManagedFields): void {
  const start = writer.open(17);
  writer.text(1, managed.manager ?? "");
  writer.text(2, managed.operation ?? "");
  writer.text(3, managed.apiVersion ?? "");
  if (managed.time !== undefined) writeTime(writer, 4, managed.time);
  writer.text(6, managed.fieldsType ?? "");
  if (managed.fieldsV1 !== undefined) {
    const fields = writer.open(7);
    writer.raw(1, fieldsText(managed.fieldsV1));
    writer.close(fields);
  }
  writer.text(8, managed.subresource ?? "");
  writer.close(start);
}
