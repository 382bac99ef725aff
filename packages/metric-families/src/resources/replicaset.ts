import { replicaSet, type ReplicaSet } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, generation } from "../parts/metadata.ts";
import { owners } from "../parts/owners.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<ReplicaSet>();

export const replicasets: Resource<ReplicaSet> = {
  name: "replicasets",
  kind: "ReplicaSet",
  group: "apps",
  version: "v1",
  path: "/apis/apps/v1/replicasets",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: replicaSet,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    replicaset: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_replicaset_created", "Time the ReplicaSet was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_replicaset_status_replicas", "Pods the ReplicaSet has.", {
      stability: "STABLE",
      value: ({ status }) => status.replicas,
    }),
    gauge(
      "kube_replicaset_status_fully_labeled_replicas",
      "Pods with all labels of the template.",
      {
        stability: "STABLE",
        value: ({ status }) => status.fullyLabeledReplicas,
      },
    ),
    gauge("kube_replicaset_status_ready_replicas", "Pods of the ReplicaSet that are ready.", {
      stability: "STABLE",
      value: ({ status }) => status.readyReplicas,
    }),
    gauge("kube_replicaset_status_terminating_replicas", "Pods on their way out.", {
      value: ({ status }) => status.terminatingReplicas,
    }),
    gauge(
      "kube_replicaset_status_observed_generation",
      "Generation the controller acted on last.",
      {
        stability: "STABLE",
        value: ({ status }) => status.observedGeneration,
      },
    ),
    gauge("kube_replicaset_spec_replicas", "Pods the ReplicaSet should have.", {
      stability: "STABLE",
      value: ({ spec }) => spec.replicas,
    }),
    gauge("kube_replicaset_metadata_generation", "Generation of the desired state.", {
      stability: "STABLE",
      ...generation,
    }),
    gauge("kube_replicaset_owner", "Objects that own the ReplicaSet.", {
      stability: "STABLE",
      ...owners,
    }),
    gauge("kube_replicaset_annotations", "Allow-listed annotations of the ReplicaSet.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_replicaset_labels", "Allow-listed labels of the ReplicaSet.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
  ],
};
