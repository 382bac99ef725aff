// storage.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import { bool, map, message, one, optional, string, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

export interface StorageClass {
  readonly metadata: ObjectMeta;
  readonly provisioner: string;
  readonly reclaimPolicy: string | undefined;
  readonly volumeBindingMode: string | undefined;
}

export const storageClass: Message<StorageClass> = message<StorageClass>("StorageClass", {
  metadata: one(1, objectMeta),
  provisioner: string(2),
  reclaimPolicy: optional(string(4)),
  volumeBindingMode: optional(string(7)),
});

interface VolumeAttachmentSource {
  readonly persistentVolumeName: string | undefined;
}

const volumeAttachmentSource: Message<VolumeAttachmentSource> = message<VolumeAttachmentSource>(
  "VolumeAttachmentSource",
  {
    persistentVolumeName: optional(string(1)),
  },
);

interface VolumeAttachmentSpec {
  readonly attacher: string;
  readonly source: VolumeAttachmentSource;
  readonly nodeName: string;
}

const volumeAttachmentSpec: Message<VolumeAttachmentSpec> = message<VolumeAttachmentSpec>(
  "VolumeAttachmentSpec",
  {
    attacher: string(1),
    source: one(2, volumeAttachmentSource),
    nodeName: string(3),
  },
);

interface VolumeAttachmentStatus {
  readonly attached: boolean;
  readonly attachmentMetadata: ReadonlyMap<string, string>;
}

const volumeAttachmentStatus: Message<VolumeAttachmentStatus> = message<VolumeAttachmentStatus>(
  "VolumeAttachmentStatus",
  {
    attached: bool(1),
    attachmentMetadata: map(2),
  },
);

export interface VolumeAttachment {
  readonly metadata: ObjectMeta;
  readonly spec: VolumeAttachmentSpec;
  readonly status: VolumeAttachmentStatus;
}

export const volumeAttachment: Message<VolumeAttachment> = message<VolumeAttachment>(
  "VolumeAttachment",
  {
    metadata: one(1, objectMeta),
    spec: one(2, volumeAttachmentSpec),
    status: one(3, volumeAttachmentStatus),
  },
);
