import { persistentVolume, type PersistentVolume } from "@kube-state-mosaic/wire";
import { familiesOf, oneOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, deletionTimestamp } from "../parts/metadata.ts";
import { sourceLabels, volumeSource } from "../parts/volume-source.ts";
import { whole } from "../quantity.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<PersistentVolume>();

export const persistentvolumes: Resource<PersistentVolume> = {
  name: "persistentvolumes",
  kind: "PersistentVolume",
  group: "",
  version: "v1",
  path: "/api/v1/persistentvolumes",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: persistentVolume,
  identity: { persistentvolume: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_persistentvolume_claim_ref", "The claim the volume is bound to or kept for.", {
      stability: "STABLE",
      rows: ({ spec }) => present(spec.claimRef),
      labels: { name: ({ name }) => name, claim_namespace: ({ namespace }) => namespace },
    }),
    gauge("kube_persistentvolume_annotations", "Allow-listed annotations of the volume.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_persistentvolume_labels", "Allow-listed labels of the volume.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_persistentvolume_status_phase", "Phase of the volume.", {
      stability: "STABLE",
      ...oneOf("phase", ["Pending", "Available", "Bound", "Released", "Failed"], phaseOf),
    }),
    info("kube_persistentvolume_info", "What the volume is stored on, and its policies.", {
      stability: "STABLE",
      rows: ({ spec }) => [volumeSource(spec)],
      labels: {
        storageclass: (_source, { spec }) => spec.storageClassName,
        ...sourceLabels,
        reclaim_policy: (_source, { spec }) => spec.persistentVolumeReclaimPolicy,
      },
    }),
    gauge("kube_persistentvolume_capacity_bytes", "Size of the volume, in bytes.", {
      stability: "STABLE",
      value: ({ spec }) => whole(spec.capacity.get("storage") ?? "0"),
    }),
    gauge("kube_persistentvolume_created", "Time the volume was created, in Unix seconds.", {
      ...created,
    }),
    gauge(
      "kube_persistentvolume_deletion_timestamp",
      "Time deletion was asked for, in Unix seconds.",
      { ...deletionTimestamp },
    ),
    gauge("kube_persistentvolume_csi_attributes", "Volume attributes of the Ceph CSI driver.", {
      optIn: true,
      rows: ({ spec }) => present(spec.csi),
      labels: {
        csi_mounter: ({ volumeAttributes }) => volumeAttributes.get("mounter"),
        csi_map_options: ({ volumeAttributes }) => volumeAttributes.get("mapOptions"),
      },
    }),
    gauge("kube_persistentvolume_volume_mode", "Mode of the volume.", {
      labels: { volumemode: ({ spec }) => spec.volumeMode ?? "Filesystem" },
    }),
    gauge("kube_persistentvolume_access_mode", "Access modes of the volume.", {
      rows: ({ spec }) => spec.accessModes,
      labels: { access_mode: (mode) => mode },
    }),
  ],
};

function phaseOf({ status }: PersistentVolume): string | undefined {
  return status.phase === "" ? undefined : status.phase;
}

/** One row for a field that is there, none for one that is not. */
function present<Field>(field: Field | undefined): readonly Field[] {
  return field === undefined ? [] : [field];
}
