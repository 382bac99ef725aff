// meta/v1: the metadata of every object. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  bool,
  int64,
  list,
  map,
  message,
  optional,
  string,
  time,
  type Message,
} from "../schema.ts";

/** Who owns an object; `controller` is true for the one that manages it. */
export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean | undefined;
}

const ownerReference: Message<OwnerReference> = message<OwnerReference>("OwnerReference", {
  kind: string(1),
  name: string(3),
  controller: optional(bool(6)),
});

/** What every object says about itself. Times are Unix seconds; `undefined` where the server sent none. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly creationTimestamp: number | undefined;
  readonly deletionTimestamp: number | undefined;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly ownerReferences: readonly OwnerReference[];
}

export const objectMeta: Message<ObjectMeta> = message<ObjectMeta>("ObjectMeta", {
  name: string(1),
  namespace: string(3),
  uid: string(5),
  resourceVersion: string(6),
  generation: int64(7),
  creationTimestamp: time(8),
  deletionTimestamp: optional(time(9)),
  labels: map(11),
  annotations: map(12),
  ownerReferences: list(13, ownerReference),
});
