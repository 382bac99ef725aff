import { kubernetesLabels } from "@kube-state-mosaic/exposition";
import { volumeAttachment, type VolumeAttachment } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<VolumeAttachment>();

export const volumeattachments: Resource<VolumeAttachment> = {
  name: "volumeattachments",
  kind: "VolumeAttachment",
  group: "storage.k8s.io",
  version: "v1",
  path: "/apis/storage.k8s.io/v1/volumeattachments",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: volumeAttachment,
  identity: { volumeattachment: ({ metadata }) => metadata.name },
  families: () => [
    gauge("kube_volumeattachment_labels", "All labels of the attachment, allow-listed or not.", {
      dynamicLabels: ({ metadata }) => kubernetesLabels("label", metadata.labels),
    }),
    info("kube_volumeattachment_info", "Who attaches the volume, and to which node.", {
      labels: { attacher: ({ spec }) => spec.attacher, node: ({ spec }) => spec.nodeName },
    }),
    gauge("kube_volumeattachment_created", "Time the attachment was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_volumeattachment_spec_source_persistentvolume", "The volume to be attached.", {
      labels: { volumename: ({ spec }) => spec.source.persistentVolumeName },
      value: ({ spec }) => (spec.source.persistentVolumeName === undefined ? undefined : 1),
    }),
    gauge("kube_volumeattachment_status_attached", "Whether the volume is attached.", {
      value: ({ status }) => status.attached,
    }),
    gauge("kube_volumeattachment_status_attachment_metadata", "What the attacher reported.", {
      dynamicLabels: ({ status }) => kubernetesLabels("metadata", status.attachmentMetadata),
    }),
  ],
};
