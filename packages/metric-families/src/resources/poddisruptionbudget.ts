import { podDisruptionBudget, type PodDisruptionBudget } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, deletionTimestamp } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<PodDisruptionBudget>();

export const poddisruptionbudgets: Resource<PodDisruptionBudget> = {
  name: "poddisruptionbudgets",
  kind: "PodDisruptionBudget",
  group: "policy",
  version: "v1",
  path: "/apis/policy/v1/poddisruptionbudgets",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: podDisruptionBudget,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    poddisruptionbudget: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_poddisruptionbudget_annotations", "Allow-listed annotations of the budget.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_poddisruptionbudget_labels", "Allow-listed labels of the budget.", {
      ...labels(labelsAllowList),
    }),
    gauge("kube_poddisruptionbudget_created", "Time the budget was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_poddisruptionbudget_status_current_healthy", "Healthy pods there are.", {
      stability: "STABLE",
      value: ({ status }) => status.currentHealthy,
    }),
    gauge("kube_poddisruptionbudget_status_desired_healthy", "Healthy pods there must be.", {
      stability: "STABLE",
      value: ({ status }) => status.desiredHealthy,
    }),
    gauge("kube_poddisruptionbudget_status_pod_disruptions_allowed", "Pods that may go now.", {
      stability: "STABLE",
      value: ({ status }) => status.disruptionsAllowed,
    }),
    gauge("kube_poddisruptionbudget_status_expected_pods", "Pods the budget counts.", {
      stability: "STABLE",
      value: ({ status }) => status.expectedPods,
    }),
    gauge(
      "kube_poddisruptionbudget_status_observed_generation",
      "Generation the controller acted on last.",
      { stability: "STABLE", value: ({ status }) => status.observedGeneration },
    ),
    gauge(
      "kube_poddisruptionbudget_deletion_timestamp",
      "Time deletion was asked for, in Unix seconds.",
      { ...deletionTimestamp },
    ),
  ],
};
