import { statefulSet, type StatefulSet } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, deletionTimestamp, generation } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<StatefulSet>();

export const statefulsets: Resource<StatefulSet> = {
  name: "statefulsets",
  kind: "StatefulSet",
  group: "apps",
  version: "v1",
  path: "/apis/apps/v1/statefulsets",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: statefulSet,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    statefulset: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_statefulset_created", "Time the StatefulSet was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_statefulset_status_replicas", "Pods the StatefulSet has.", {
      stability: "STABLE",
      value: ({ status }) => status.replicas,
    }),
    gauge("kube_statefulset_status_replicas_available", "Pods that are available.", {
      stability: "STABLE",
      value: ({ status }) => status.availableReplicas,
    }),
    gauge("kube_statefulset_status_replicas_current", "Pods of the current revision.", {
      stability: "STABLE",
      value: ({ status }) => status.currentReplicas,
    }),
    gauge("kube_statefulset_status_replicas_ready", "Pods that are ready.", {
      stability: "STABLE",
      value: ({ status }) => status.readyReplicas,
    }),
    gauge("kube_statefulset_status_replicas_updated", "Pods of the update revision.", {
      stability: "STABLE",
      value: ({ status }) => status.updatedReplicas,
    }),
    gauge(
      "kube_statefulset_status_observed_generation",
      "Generation the controller acted on last.",
      {
        stability: "STABLE",
        value: ({ status }) => status.observedGeneration,
      },
    ),
    gauge("kube_statefulset_replicas", "Pods the StatefulSet should have.", {
      stability: "STABLE",
      value: ({ spec }) => spec.replicas,
    }),
    gauge("kube_statefulset_ordinals_start", "Ordinal of the first pod.", {
      stability: "STABLE",
      value: ({ spec }) => spec.ordinals?.start,
    }),
    gauge("kube_statefulset_metadata_generation", "Generation of the desired state.", {
      stability: "STABLE",
      ...generation,
    }),
    gauge(
      "kube_statefulset_persistentvolumeclaim_retention_policy",
      "What becomes of the claims when the set is deleted or scaled down.",
      {
        stability: "STABLE",
        labels: {
          when_deleted: ({ spec }) => spec.persistentVolumeClaimRetentionPolicy?.whenDeleted,
          when_scaled: ({ spec }) => spec.persistentVolumeClaimRetentionPolicy?.whenScaled,
        },
        value: (set) => (hasRetentionPolicy(set) ? 1 : undefined),
      },
    ),
    gauge("kube_statefulset_annotations", "Allow-listed annotations of the StatefulSet.", {
      stability: "STABLE",
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_statefulset_labels", "Allow-listed labels of the StatefulSet.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_statefulset_status_current_revision", "Name of the current revision.", {
      stability: "STABLE",
      labels: { revision: ({ status }) => status.currentRevision },
    }),
    gauge("kube_statefulset_status_update_revision", "Name of the update revision.", {
      stability: "STABLE",
      labels: { revision: ({ status }) => status.updateRevision },
    }),
    gauge("kube_statefulset_deletion_timestamp", "Time deletion was asked for, in Unix seconds.", {
      stability: "STABLE",
      ...deletionTimestamp,
    }),
  ],
};

function hasRetentionPolicy({ spec }: StatefulSet): boolean {
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  return policy !== undefined && (policy.whenDeleted !== "" || policy.whenScaled !== "");
}
