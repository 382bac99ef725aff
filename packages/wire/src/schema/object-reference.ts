// core/v1: references to other objects. The numbers are those of the published generated.proto files; only what is read is declared.
import { message, optional, string, type Message } from "../schema.ts";

export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export const objectReference: Message<ObjectReference> = message<ObjectReference>(
  "ObjectReference",
  {
    kind: string(1),
    namespace: string(2),
    name: string(3),
  },
);

export interface LocalObjectReference {
  readonly name: string;
}

export const localObjectReference: Message<LocalObjectReference> = message<LocalObjectReference>(
  "LocalObjectReference",
  {
    name: string(1),
  },
);

export interface TypedLocalObjectReference {
  readonly apiGroup: string | undefined;
  readonly kind: string;
  readonly name: string;
}

export const typedLocalObjectReference: Message<TypedLocalObjectReference> =
  message<TypedLocalObjectReference>("TypedLocalObjectReference", {
    apiGroup: optional(string(1)),
    kind: string(2),
    name: string(3),
  });
