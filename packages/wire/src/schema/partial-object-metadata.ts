// meta.k8s.io/v1 PartialObjectMetadata: what the server sends of any object when only its metadata is asked for.
import { message, one, type Message } from "../schema.ts";
import { objectMeta, type ObjectMeta } from "./object-meta.ts";

export interface PartialObjectMetadata {
  readonly metadata: ObjectMeta;
}

export const partialObjectMetadata: Message<PartialObjectMetadata> = message<PartialObjectMetadata>(
  "PartialObjectMetadata",
  { metadata: one(1, objectMeta) },
);
