import { storageClass, type StorageClass } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<StorageClass>();

export const storageclasses: Resource<StorageClass> = {
  name: "storageclasses",
  kind: "StorageClass",
  group: "storage.k8s.io",
  version: "v1",
  path: "/apis/storage.k8s.io/v1/storageclasses",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: storageClass,
  identity: { storageclass: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_storageclass_info", "Provisioner and policies of the storage class.", {
      stability: "STABLE",
      labels: {
        provisioner: ({ provisioner }) => provisioner,
        reclaim_policy: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
        volume_binding_mode: ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate",
      },
    }),
    gauge("kube_storageclass_created", "Time the storage class was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_storageclass_annotations", "Allow-listed annotations of the storage class.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_storageclass_labels", "Allow-listed labels of the storage class.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
  ],
};
