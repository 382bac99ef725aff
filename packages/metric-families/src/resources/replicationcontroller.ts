import { replicationController, type ReplicationController } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { created, generation } from "../parts/metadata.ts";
import { owners } from "../parts/owners.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<ReplicationController>();

export const replicationcontrollers: Resource<ReplicationController> = {
  name: "replicationcontrollers",
  kind: "ReplicationController",
  group: "",
  version: "v1",
  path: "/api/v1/replicationcontrollers",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: replicationController,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    replicationcontroller: ({ metadata }) => metadata.name,
  },
  families: () => [
    gauge("kube_replicationcontroller_created", "Time it was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_replicationcontroller_status_replicas", "Pods the controller has.", {
      stability: "STABLE",
      value: ({ status }) => status.replicas,
    }),
    gauge(
      "kube_replicationcontroller_status_fully_labeled_replicas",
      "Pods with all labels of the template.",
      { stability: "STABLE", value: ({ status }) => status.fullyLabeledReplicas },
    ),
    gauge("kube_replicationcontroller_status_ready_replicas", "Pods that are ready.", {
      stability: "STABLE",
      value: ({ status }) => status.readyReplicas,
    }),
    gauge("kube_replicationcontroller_status_available_replicas", "Pods that are available.", {
      stability: "STABLE",
      value: ({ status }) => status.availableReplicas,
    }),
    gauge(
      "kube_replicationcontroller_status_observed_generation",
      "Generation the controller acted on last.",
      { stability: "STABLE", value: ({ status }) => status.observedGeneration },
    ),
    gauge("kube_replicationcontroller_spec_replicas", "Pods the controller should have.", {
      stability: "STABLE",
      value: ({ spec }) => spec.replicas,
    }),
    gauge("kube_replicationcontroller_metadata_generation", "Generation of the desired state.", {
      stability: "STABLE",
      ...generation,
    }),
    gauge("kube_replicationcontroller_owner", "Objects that own the controller.", { ...owners }),
  ],
};
