import { deployment, type Deployment, type DeploymentCondition } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { statusOf } from "../parts/conditions.ts";
import { scaled } from "../parts/int-or-percent.ts";
import { created, deletionTimestamp, generation } from "../parts/metadata.ts";
import { owners } from "../parts/owners.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<Deployment>();

const { owner_kind, owner_name } = owners.labels;

/** Reasons that are written out; free text would make series without bound. */
const knownReasons: ReadonlySet<string> = new Set([
  "",
  "ReplicaSetUpdated",
  "ReplicaSetCreateError",
  "NewReplicaSetCreated",
  "FoundNewReplicaSet",
  "NewReplicaSetAvailable",
  "ProgressDeadlineExceeded",
  "DeploymentPaused",
  "DeploymentResumed",
  "MinimumReplicasAvailable",
  "MinimumReplicasUnavailable",
]);

export const deployments: Resource<Deployment> = {
  name: "deployments",
  kind: "Deployment",
  group: "apps",
  version: "v1",
  path: "/apis/apps/v1/deployments",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: deployment,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    deployment: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_deployment_owner", "Objects that own the Deployment.", {
      rows: owners.rows,
      labels: { owner_kind, owner_name },
    }),
    gauge("kube_deployment_created", "Time the Deployment was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_deployment_status_replicas", "Pods the Deployment has.", {
      stability: "STABLE",
      value: ({ status }) => status.replicas,
    }),
    gauge("kube_deployment_status_replicas_ready", "Pods of the Deployment that are ready.", {
      stability: "STABLE",
      value: ({ status }) => status.readyReplicas,
    }),
    gauge(
      "kube_deployment_status_replicas_available",
      "Pods of the Deployment that are available.",
      {
        stability: "STABLE",
        value: ({ status }) => status.availableReplicas,
      },
    ),
    gauge(
      "kube_deployment_status_replicas_unavailable",
      "Pods still missing for full availability.",
      {
        stability: "STABLE",
        value: ({ status }) => status.unavailableReplicas,
      },
    ),
    gauge("kube_deployment_status_replicas_updated", "Pods made from the current template.", {
      stability: "STABLE",
      value: ({ status }) => status.updatedReplicas,
    }),
    gauge("kube_deployment_status_terminating_replicas", "Pods on their way out.", {
      value: ({ status }) => status.terminatingReplicas,
    }),
    gauge(
      "kube_deployment_status_observed_generation",
      "Generation the controller acted on last.",
      {
        stability: "STABLE",
        value: ({ status }) => status.observedGeneration,
      },
    ),
    gauge("kube_deployment_status_condition", "Conditions of the Deployment.", {
      stability: "STABLE",
      rows: ({ status }) => status.conditions,
      labels: {
        reason: ({ reason }) => (knownReasons.has(reason) ? reason : "unknown"),
        condition: ({ type }) => type,
      },
      ...statusOf<Deployment, DeploymentCondition>("status"),
    }),
    gauge("kube_deployment_spec_replicas", "Pods the Deployment should have.", {
      stability: "STABLE",
      value: ({ spec }) => spec.replicas,
    }),
    gauge("kube_deployment_spec_paused", "Whether rollouts are paused.", {
      stability: "STABLE",
      value: ({ spec }) => spec.paused,
    }),
    gauge(
      "kube_deployment_spec_strategy_rollingupdate_max_unavailable",
      "Pods that may be unavailable during a rolling update.",
      {
        stability: "STABLE",
        value: ({ spec }) =>
          scaled(spec.strategy.rollingUpdate?.maxUnavailable, spec.replicas, Math.floor),
      },
    ),
    gauge(
      "kube_deployment_spec_strategy_rollingupdate_max_surge",
      "Pods that may exist beyond the desired number during a rolling update.",
      {
        stability: "STABLE",
        value: ({ spec }) =>
          scaled(spec.strategy.rollingUpdate?.maxSurge, spec.replicas, Math.ceil),
      },
    ),
    gauge("kube_deployment_metadata_generation", "Generation of the desired state.", {
      stability: "STABLE",
      ...generation,
    }),
    gauge("kube_deployment_deletion_timestamp", "Time deletion was asked for, in Unix seconds.", {
      ...deletionTimestamp,
    }),
    gauge("kube_deployment_annotations", "Allow-listed annotations of the Deployment.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_deployment_labels", "Allow-listed labels of the Deployment.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
  ],
};
