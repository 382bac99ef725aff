import {
  persistentVolumeClaim,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimCondition,
} from "@kube-state-mosaic/wire";
import { familiesOf, oneOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { conditions } from "../parts/conditions.ts";
import { created, deletionTimestamp } from "../parts/metadata.ts";
import { whole } from "../quantity.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<PersistentVolumeClaim>();

/** Where the class was named before there was a field for it; still stronger than the field, even when empty. */
const classAnnotation = "volume.beta.kubernetes.io/storage-class";

export const persistentvolumeclaims: Resource<PersistentVolumeClaim> = {
  name: "persistentvolumeclaims",
  kind: "PersistentVolumeClaim",
  group: "",
  version: "v1",
  path: "/api/v1/persistentvolumeclaims",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: persistentVolumeClaim,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    persistentvolumeclaim: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_persistentvolumeclaim_labels", "Allow-listed labels of the claim.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_persistentvolumeclaim_annotations", "Allow-listed annotations of the claim.", {
      ...annotations(annotationsAllowList),
    }),
    info("kube_persistentvolumeclaim_info", "Storage class, volume and mode of the claim.", {
      stability: "STABLE",
      labels: {
        storageclass: classOf,
        volumename: ({ spec }) => spec.volumeName,
        volumemode: ({ spec }) => spec.volumeMode,
      },
    }),
    gauge("kube_persistentvolumeclaim_status_phase", "Phase of the claim.", {
      stability: "STABLE",
      ...oneOf("phase", ["Lost", "Bound", "Pending"], ({ status }: PersistentVolumeClaim) =>
        status.phase === "" ? undefined : status.phase,
      ),
    }),
    gauge(
      "kube_persistentvolumeclaim_resource_requests_storage_bytes",
      "Storage the claim asks for, in bytes.",
      { stability: "STABLE", value: ({ spec }) => requestedBytes(spec.resources.requests) },
    ),
    gauge("kube_persistentvolumeclaim_access_mode", "Access modes the claim asks for.", {
      stability: "STABLE",
      rows: ({ spec }) => spec.accessModes,
      labels: { access_mode: (mode) => mode },
    }),
    gauge("kube_persistentvolumeclaim_status_condition", "Conditions of the claim.", {
      ...conditions<PersistentVolumeClaim, PersistentVolumeClaimCondition>(
        ({ status }) => status.conditions,
      ),
    }),
    gauge("kube_persistentvolumeclaim_created", "Time the claim was created, in Unix seconds.", {
      ...created,
    }),
    gauge(
      "kube_persistentvolumeclaim_deletion_timestamp",
      "Time deletion was asked for, in Unix seconds.",
      { ...deletionTimestamp },
    ),
  ],
};

function classOf({ metadata, spec }: PersistentVolumeClaim): string | undefined {
  return metadata.annotations.get(classAnnotation) ?? spec.storageClassName;
}

function requestedBytes(requests: ReadonlyMap<string, string>): number | undefined {
  const storage = requests.get("storage");
  return storage === undefined ? undefined : whole(storage);
}
