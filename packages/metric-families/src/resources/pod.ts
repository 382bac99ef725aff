import { kubernetesLabels } from "@kube-state-mosaic/exposition";
import {
  pod,
  type ContainerStatus,
  type OwnerReference,
  type Pod,
  type PodCondition,
  type PodResourceClaim,
  type Toleration,
  type Volume,
} from "@kube-state-mosaic/wire";
import { familiesOf, oneOf, type OneOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { conditionStatus } from "../parts/conditions.ts";
import { containerResources } from "../parts/container-resources.ts";
import { latestFinish, startedAt, withStatus } from "../parts/container-status.ts";
import { ipFamily } from "../parts/ip-family.ts";
import { created, deletionTimestamp, zeroTime } from "../parts/metadata.ts";
import { owners } from "../parts/owners.ts";
import { disruptionReason, podReasonsOf } from "../parts/pod-reason.ts";
import { milliPrecise, whole } from "../quantity.ts";
import type { Resource } from "../resource.ts";

const { gauge, counter, info } = familiesOf<Pod>();

const perContainer = {
  rows: ({ status }: Pod) => status.containerStatuses,
  labels: { container: (status: ContainerStatus) => status.name },
};
const perInitContainer = {
  ...perContainer,
  rows: ({ status }: Pod) => status.initContainerStatuses,
};

const reasonOf = {
  lastTermination: { reason: ({ lastState }: ContainerStatus) => lastState.terminated?.reason },
  termination: { reason: ({ state }: ContainerStatus) => state.terminated?.reason },
  waiting: { reason: ({ state }: ContainerStatus) => state.waiting?.reason },
};

export const pods: Resource<Pod> = {
  name: "pods",
  kind: "Pod",
  group: "",
  version: "v1",
  path: "/api/v1/pods",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: pod,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    pod: ({ metadata }) => metadata.name,
    uid: ({ metadata }) => metadata.uid,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge(
      "kube_pod_completion_time",
      "Time the last container of the pod ended, in Unix seconds.",
      {
        stability: "STABLE",
        value: ({ status }) => latestFinish(status.containerStatuses),
      },
    ),
    info("kube_pod_container_info", "Images and runtime identifiers of the containers.", {
      stability: "STABLE",
      rows: ({ spec, status }) => withStatus(spec.containers, status.containerStatuses),
      labels: {
        container: ({ status }) => status.name,
        image_spec: ({ container }) => container.image,
        image: ({ status }) => status.image,
        image_id: ({ status }) => status.imageID,
        container_id: ({ status }) => status.containerID,
      },
    }),
    gauge("kube_pod_container_resource_limits", "Resources a container may use at most.", {
      stability: "STABLE",
      ...containerResources(
        ({ spec }) => spec.containers,
        ({ resources }) => resources.limits,
      ),
    }),
    gauge("kube_pod_container_resource_requests", "Resources reserved for a container.", {
      stability: "STABLE",
      ...containerResources(
        ({ spec }) => spec.containers,
        ({ resources }) => resources.requests,
      ),
    }),
    gauge(
      "kube_pod_container_state_started",
      "Time the container's state began, in Unix seconds.",
      {
        stability: "STABLE",
        ...perContainer,
        value: startedAt,
      },
    ),
    gauge(
      "kube_pod_container_status_last_terminated_reason",
      "Why the previous instance of the container ended.",
      {
        rows: perContainer.rows,
        labels: { ...perContainer.labels, ...reasonOf.lastTermination },
        value: ({ lastState }) => lastState.terminated && 1,
      },
    ),
    gauge(
      "kube_pod_container_status_last_terminated_exitcode",
      "Exit code of the previous instance of the container.",
      { ...perContainer, value: ({ lastState }) => lastState.terminated?.exitCode },
    ),
    gauge(
      "kube_pod_container_status_last_terminated_timestamp",
      "Time the previous instance of the container ended, in Unix seconds.",
      { ...perContainer, value: lastTermination },
    ),
    gauge("kube_pod_container_status_ready", "Whether the container is ready.", {
      stability: "STABLE",
      ...perContainer,
      value: ({ ready }) => ready,
    }),
    counter("kube_pod_container_status_restarts_total", "Restarts of the container.", {
      stability: "STABLE",
      ...perContainer,
      value: ({ restartCount }) => restartCount,
    }),
    gauge("kube_pod_container_status_running", "Whether the container runs.", {
      stability: "STABLE",
      ...perContainer,
      value: ({ state }) => state.running !== undefined,
    }),
    gauge("kube_pod_container_status_terminated", "Whether the container has ended.", {
      stability: "STABLE",
      ...perContainer,
      value: ({ state }) => state.terminated !== undefined,
    }),
    gauge("kube_pod_container_status_terminated_reason", "Why the container has ended.", {
      rows: perContainer.rows,
      labels: { ...perContainer.labels, ...reasonOf.termination },
      value: ({ state }) => state.terminated && 1,
    }),
    gauge("kube_pod_container_status_waiting", "Whether the container waits to be started.", {
      stability: "STABLE",
      ...perContainer,
      value: ({ state }) => state.waiting !== undefined,
    }),
    gauge("kube_pod_container_status_waiting_reason", "What the container waits for.", {
      stability: "STABLE",
      rows: perContainer.rows,
      labels: { ...perContainer.labels, ...reasonOf.waiting },
      value: ({ state }) => state.waiting && 1,
    }),
    gauge("kube_pod_created", "Time the pod was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_pod_deletion_timestamp", "Time the pod is due to be gone, in Unix seconds.", {
      ...deletionTimestamp,
    }),
    info("kube_pod_info", "Where the pod runs and what made it.", {
      stability: "STABLE",
      labels: {
        host_ip: ({ status }) => status.hostIP,
        pod_ip: ({ status }) => status.podIP,
        node: ({ spec }) => spec.nodeName,
        created_by_kind: (pod) => controllerOf(pod)?.kind,
        created_by_name: (pod) => controllerOf(pod)?.name,
        priority_class: ({ spec }) => spec.priorityClassName,
        host_network: ({ spec }) => String(spec.hostNetwork),
      },
    }),
    gauge("kube_pod_ips", "Addresses of the pod.", {
      rows: ({ status }) => status.podIPs,
      labels: { ip: ({ ip }) => ip, ip_family: ({ ip }) => ipFamily(ip) },
      value: ({ ip }) => ipFamily(ip) && 1,
    }),
    info("kube_pod_init_container_info", "Images and identifiers of the init containers.", {
      stability: "STABLE",
      rows: ({ spec, status }) => withStatus(spec.initContainers, status.initContainerStatuses),
      labels: {
        container: ({ status }) => status.name,
        image_spec: ({ container }) => container.image,
        image: ({ status }) => status.image,
        image_id: ({ status }) => status.imageID,
        container_id: ({ status }) => status.containerID,
        restart_policy: ({ container }) => container.restartPolicy,
      },
    }),
    gauge(
      "kube_pod_init_container_resource_limits",
      "Resources an init container may use at most.",
      {
        ...containerResources(
          ({ spec }) => spec.initContainers,
          ({ resources }) => resources.limits,
        ),
      },
    ),
    gauge(
      "kube_pod_init_container_resource_requests",
      "Resources reserved for an init container.",
      {
        ...containerResources(
          ({ spec }) => spec.initContainers,
          ({ resources }) => resources.requests,
        ),
      },
    ),
    gauge(
      "kube_pod_init_container_state_started",
      "Time the init container's state began, in Unix seconds.",
      { ...perInitContainer, value: startedAt },
    ),
    gauge(
      "kube_pod_init_container_status_last_terminated_reason",
      "Why the previous instance of the init container ended.",
      {
        rows: perInitContainer.rows,
        labels: { ...perInitContainer.labels, ...reasonOf.lastTermination },
        value: ({ lastState }) => lastState.terminated && 1,
      },
    ),
    gauge(
      "kube_pod_init_container_status_last_terminated_exitcode",
      "Exit code of the previous instance of the init container.",
      { ...perInitContainer, value: ({ lastState }) => lastState.terminated?.exitCode },
    ),
    gauge(
      "kube_pod_init_container_status_last_terminated_timestamp",
      "Time the previous instance of the init container ended, in Unix seconds.",
      { ...perInitContainer, value: lastTermination },
    ),
    gauge("kube_pod_init_container_status_ready", "Whether the init container is ready.", {
      stability: "STABLE",
      ...perInitContainer,
      value: ({ ready }) => ready,
    }),
    counter("kube_pod_init_container_status_restarts_total", "Restarts of the init container.", {
      stability: "STABLE",
      ...perInitContainer,
      value: ({ restartCount }) => restartCount,
    }),
    gauge("kube_pod_init_container_status_running", "Whether the init container runs.", {
      stability: "STABLE",
      ...perInitContainer,
      value: ({ state }) => state.running !== undefined,
    }),
    gauge("kube_pod_init_container_status_terminated", "Whether the init container has ended.", {
      stability: "STABLE",
      ...perInitContainer,
      value: ({ state }) => state.terminated !== undefined,
    }),
    gauge("kube_pod_init_container_status_terminated_reason", "Why the init container has ended.", {
      rows: perInitContainer.rows,
      labels: { ...perInitContainer.labels, ...reasonOf.termination },
      value: ({ state }) => state.terminated && 1,
    }),
    gauge("kube_pod_init_container_status_waiting", "Whether the init container waits.", {
      stability: "STABLE",
      ...perInitContainer,
      value: ({ state }) => state.waiting !== undefined,
    }),
    gauge("kube_pod_init_container_status_waiting_reason", "What the init container waits for.", {
      rows: perInitContainer.rows,
      labels: { ...perInitContainer.labels, ...reasonOf.waiting },
      value: ({ state }) => state.waiting && 1,
    }),
    gauge("kube_pod_annotations", "Allow-listed annotations of the pod.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_pod_labels", "Allow-listed labels of the pod.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge(
      "kube_pod_overhead_cpu_cores",
      "Cores that running the pod costs beyond its containers.",
      {
        value: ({ spec }) => milliPrecise(spec.overhead.get("cpu")),
      },
    ),
    gauge(
      "kube_pod_overhead_memory_bytes",
      "Bytes that running the pod costs beyond its containers.",
      {
        value: ({ spec }) => whole(spec.overhead.get("memory")),
      },
    ),
    gauge("kube_pod_owner", "Objects that own the pod.", { stability: "STABLE", ...owners }),
    info("kube_pod_resourceclaim_info", "Resource claims the pod refers to.", {
      rows: ({ spec }) => spec.resourceClaims.filter(isResolvable),
      labels: {
        claim_name: ({ name }) => name,
        resourceclaim_name: claimName,
        resourceclaim_template_name: (claim) => claim.resourceClaimTemplateName,
      },
    }),
    gauge("kube_pod_restart_policy", "Restart policy of the pod.", {
      stability: "STABLE",
      labels: { type: ({ spec }) => spec.restartPolicy },
    }),
    gauge("kube_pod_runtimeclass_name_info", "Runtime class of the pod.", {
      labels: { runtimeclass_name: ({ spec }) => spec.runtimeClassName },
      value: ({ spec }) => (spec.runtimeClassName === undefined ? undefined : 1),
    }),
    info(
      "kube_pod_spec_volumes_persistentvolumeclaims_info",
      "Volumes of the pod that are claims.",
      {
        stability: "STABLE",
        ...perClaim,
      },
    ),
    gauge(
      "kube_pod_spec_volumes_persistentvolumeclaims_readonly",
      "Whether the claim is mounted for reading only.",
      {
        stability: "STABLE",
        ...perClaim,
        value: ({ persistentVolumeClaim }) => persistentVolumeClaim?.readOnly ?? false,
      },
    ),
    gauge("kube_pod_start_time", "Time the node took on the pod, in Unix seconds.", {
      stability: "STABLE",
      value: ({ status }) => status.startTime,
    }),
    gauge("kube_pod_status_phase", "Phase of the pod.", {
      stability: "STABLE",
      ...oneOf(
        "phase",
        ["Pending", "Succeeded", "Failed", "Unknown", "Running"],
        ({ status }: Pod) => status.phase || undefined,
      ),
    }),
    gauge("kube_pod_status_qos_class", "Quality-of-service class of the pod.", {
      ...oneOf(
        "qos_class",
        ["BestEffort", "Burstable", "Guaranteed"],
        ({ status }: Pod) => status.qosClass || undefined,
      ),
    }),
    gauge("kube_pod_status_ready", "Whether the pod is ready.", {
      stability: "STABLE",
      ...statusOfCondition("Ready"),
    }),
    gauge("kube_pod_status_ready_time", "Time the pod became ready, in Unix seconds.", {
      ...timeOfCondition("Ready", "True"),
    }),
    gauge(
      "kube_pod_status_initialized_time",
      "Time the init containers were done, in Unix seconds.",
      timeOfCondition("Initialized", "True"),
    ),
    gauge(
      "kube_pod_status_container_ready_time",
      "Time all containers became ready, in Unix seconds.",
      timeOfCondition("ContainersReady", "True"),
    ),
    gauge("kube_pod_status_reason", "Known reasons found in the pod's status.", {
      rows: podReasonsOf,
      labels: { reason: (reason) => reason },
    }),
    gauge("kube_pod_status_disruption_reason", "Why the pod is being disrupted.", {
      rows: ({ status }) => status.conditions,
      labels: { reason: disruptionReason },
      value: ({ type }) => (type === "DisruptionTarget" ? 1 : undefined),
    }),
    gauge("kube_pod_status_scheduled", "Whether the pod has been given a node.", {
      stability: "STABLE",
      ...statusOfCondition("PodScheduled"),
    }),
    gauge("kube_pod_status_scheduled_time", "Time the pod was given a node, in Unix seconds.", {
      stability: "STABLE",
      ...timeOfCondition("PodScheduled", "True"),
    }),
    gauge("kube_pod_status_unschedulable", "Set while the pod has no node.", {
      stability: "STABLE",
      rows: ({ status }) => status.conditions,
      value: (condition) => (matches(condition, "PodScheduled", "False") ? 1 : undefined),
    }),
    gauge(
      "kube_pod_status_unscheduled_time",
      "Time since which the pod has no node, in Unix seconds.",
      timeOfCondition("PodScheduled", "False"),
    ),
    gauge("kube_pod_tolerations", "Distinct tolerations of the pod.", {
      rows: ({ spec }) => distinct(spec.tolerations),
      labels: {
        key: ({ key }) => key,
        operator: ({ operator }) => operator,
        value: ({ value }) => value,
        effect: ({ effect }) => effect,
        toleration_seconds: ({ tolerationSeconds }) => tolerationSeconds,
      },
    }),
    gauge("kube_pod_nodeselectors", "Node selector of the pod.", {
      optIn: true,
      dynamicLabels: ({ spec }) => kubernetesLabels("nodeselector", spec.nodeSelector),
    }),
    gauge("kube_pod_service_account", "Service account of the pod.", {
      labels: { service_account: ({ spec }) => spec.serviceAccountName },
    }),
    gauge("kube_pod_scheduler", "Scheduler responsible for the pod.", {
      labels: { name: ({ spec }) => spec.schedulerName },
    }),
  ],
};

const perClaim = {
  rows: ({ spec }: Pod) => spec.volumes.filter(isClaim),
  labels: {
    volume: ({ name }: Volume) => name,
    // The claim made for an ephemeral volume bears the names of the pod and of the volume.
    persistentvolumeclaim: ({ persistentVolumeClaim, name }: Volume, { metadata }: Pod) =>
      persistentVolumeClaim ? persistentVolumeClaim.claimName : `${metadata.name}-${name}`,
    ephemeral: ({ persistentVolumeClaim }: Volume) => String(persistentVolumeClaim === undefined),
  },
};

function isClaim({ persistentVolumeClaim, ephemeral }: Volume): boolean {
  return persistentVolumeClaim !== undefined || ephemeral !== undefined;
}

function lastTermination({ lastState }: ContainerStatus): number | undefined {
  return lastState.terminated && (lastState.terminated.finishedAt ?? zeroTime);
}

function controllerOf({ metadata }: Pod): OwnerReference | undefined {
  return metadata.ownerReferences.find(({ controller }) => controller === true);
}

function isResolvable(claim: PodResourceClaim): boolean {
  return claim.resourceClaimName !== undefined || claim.resourceClaimTemplateName !== undefined;
}

/** The claim named in the spec, else the one that was made from the template, the last one reported. */
function claimName(
  { name, resourceClaimName }: PodResourceClaim,
  { status }: Pod,
): string | undefined {
  return (
    resourceClaimName ??
    status.resourceClaimStatuses.findLast(
      (claim) => claim.name === name && claim.resourceClaimName !== undefined,
    )?.resourceClaimName
  );
}

function distinct(tolerations: readonly Toleration[]): readonly Toleration[] {
  if (tolerations.length < 2) return tolerations;
  const seen = new Set<string>();
  return tolerations.filter(({ key, operator, value, effect, tolerationSeconds = "" }) => {
    const before = seen.size;
    return seen.add(`${key}\0${operator}\0${value}\0${effect}\0${tolerationSeconds}`).size > before;
  });
}

type ConditionRows = (pod: Pod) => readonly PodCondition[];

/** All conditions are walked and those of another type left out by value: cheaper than making a list of the ones that count. */
const conditionsOf: ConditionRows = ({ status }) => status.conditions;

function matches(
  { type, status }: PodCondition,
  wantedType: string,
  wantedStatus: string,
): boolean {
  return type === wantedType && status === wantedStatus;
}

function statusOfCondition(type: string): { rows: ConditionRows; oneOf: OneOf<Pod, PodCondition> } {
  const current = (condition: PodCondition): string | undefined =>
    condition.type === type ? conditionStatus(condition) : undefined;
  return { rows: conditionsOf, ...oneOf("condition", ["true", "false", "unknown"], current) };
}

/** When the condition came to have that status; a missing time is the zero time. */
function timeOfCondition(
  type: string,
  status: string,
): { rows: ConditionRows; value: (condition: PodCondition) => number | undefined } {
  return {
    rows: conditionsOf,
    value: (condition) =>
      matches(condition, type, status) ? (condition.lastTransitionTime ?? zeroTime) : undefined,
  };
}
