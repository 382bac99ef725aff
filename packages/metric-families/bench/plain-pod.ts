import { escapeLabelValue, formatValue, kubernetesLabels } from "@kube-state-mosaic/exposition";
import type { Container, ContainerStatus, Pod, PodCondition } from "@kube-state-mosaic/wire";
import { startedAt, latestFinish, withStatus } from "../src/parts/container-status.ts";
import { disruptionReason, podReasonsOf } from "../src/parts/pod-reason.ts";
import { milliPrecise, whole } from "../src/quantity.ts";
import { resourceLabels } from "../src/resource-name.ts";

/** A sample as an object, the way client libraries and the reference hold it. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
type Samples = (pod: Pod) => readonly Sample[];

const one = (labels: Record<string, string> = {}): Sample[] => [{ labels, value: 1 }];
const maybe = (value: number | undefined): Sample[] =>
  value === undefined ? [] : [{ labels: {}, value }];
const zero = -62_135_596_800;

const regular = {
  containers: ({ spec }: Pod) => spec.containers,
  statuses: ({ status }: Pod) => status.containerStatuses,
};
const init = {
  containers: ({ spec }: Pod) => spec.initContainers,
  statuses: ({ status }: Pod) => status.initContainerStatuses,
};

function per(
  kind: typeof regular,
  value: (status: ContainerStatus) => number | undefined,
): Samples {
  return (pod) =>
    kind.statuses(pod).flatMap((status) => {
      const number = value(status);
      return number === undefined ? [] : [{ labels: { container: status.name }, value: number }];
    });
}

function reasons(
  kind: typeof regular,
  reason: (status: ContainerStatus) => string | undefined,
): Samples {
  return (pod) =>
    kind.statuses(pod).flatMap((status) => {
      const text = reason(status);
      return text === undefined
        ? []
        : [{ labels: { container: status.name, reason: text }, value: 1 }];
    });
}

function amounts(
  kind: typeof regular,
  of: (container: Container) => ReadonlyMap<string, string>,
): Samples {
  return (pod) =>
    kind.containers(pod).flatMap((container) =>
      [...of(container)].flatMap(([name, quantity]) =>
        resourceLabels(name).map(({ resource, unit }) => ({
          labels: { container: container.name, node: pod.spec.nodeName, resource, unit },
          value: (unit === "core" ? milliPrecise(quantity) : whole(quantity)) ?? 0,
        })),
      ),
    );
}

function states(label: string, values: readonly string[], of: (pod: Pod) => string): Samples {
  return (pod) =>
    of(pod) === ""
      ? []
      : values.map((value) => ({ labels: { [label]: value }, value: of(pod) === value ? 1 : 0 }));
}

function condition(type: string, samples: (condition: PodCondition) => Sample[]): Samples {
  return ({ status }) => status.conditions.filter((each) => each.type === type).flatMap(samples);
}
const conditionState = ({ status }: PodCondition): Sample[] =>
  ["True", "False", "Unknown"].map((value) => ({
    labels: { condition: value.toLowerCase() },
    value: value === status ? 1 : 0,
  }));
const since =
  (wanted: string) =>
  (each: PodCondition): Sample[] =>
    each.status === wanted ? maybe(each.lastTransitionTime ?? zero) : [];

function infos(kind: typeof regular): Samples {
  return (pod) =>
    withStatus(kind.containers(pod), kind.statuses(pod)).map(({ container, status }) => ({
      labels: {
        container: status.name,
        image_spec: container.image,
        image: status.image,
        image_id: status.imageID,
        container_id: status.containerID,
        ...(kind === init ? { restart_policy: container.restartPolicy ?? "" } : {}),
      },
      value: 1,
    }));
}

const claims =
  (value: (readOnly: boolean) => number): Samples =>
  ({ metadata, spec }) =>
    spec.volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) =>
      persistentVolumeClaim === undefined && ephemeral === undefined
        ? []
        : [
            {
              labels: {
                volume: name,
                persistentvolumeclaim:
                  persistentVolumeClaim?.claimName ?? `${metadata.name}-${name}`,
                ephemeral: String(persistentVolumeClaim === undefined),
              },
              value: value(persistentVolumeClaim?.readOnly ?? false),
            },
          ],
    );

const containerFamilies = (kind: typeof regular, prefix: string): Record<string, Samples> => ({
  [`${prefix}_info`]: infos(kind),
  [`${prefix}_resource_limits`]: amounts(kind, ({ resources }) => resources.limits),
  [`${prefix}_resource_requests`]: amounts(kind, ({ resources }) => resources.requests),
  [`${prefix}_state_started`]: per(kind, startedAt),
  [`${prefix}_status_last_terminated_reason`]: reasons(kind, (s) => s.lastState.terminated?.reason),
  [`${prefix}_status_last_terminated_exitcode`]: per(kind, (s) => s.lastState.terminated?.exitCode),
  [`${prefix}_status_last_terminated_timestamp`]: per(
    kind,
    ({ lastState }) => lastState.terminated && (lastState.terminated.finishedAt ?? zero),
  ),
  [`${prefix}_status_ready`]: per(kind, ({ ready }) => (ready ? 1 : 0)),
  [`${prefix}_status_restarts_total`]: per(kind, ({ restartCount }) => restartCount),
  [`${prefix}_status_running`]: per(kind, ({ state }) => (state.running ? 1 : 0)),
  [`${prefix}_status_terminated`]: per(kind, ({ state }) => (state.terminated ? 1 : 0)),
  [`${prefix}_status_terminated_reason`]: reasons(kind, ({ state }) => state.terminated?.reason),
  [`${prefix}_status_waiting`]: per(kind, ({ state }) => (state.waiting ? 1 : 0)),
  [`${prefix}_status_waiting_reason`]: reasons(kind, ({ state }) => state.waiting?.reason),
});

/** The default families of a pod, with allow lists empty; `kube_pod_ips` of IPv4 pods and tolerations without repeats only. */
const families: Readonly<Record<string, Samples>> = {
  kube_pod_completion_time: ({ status }) => maybe(latestFinish(status.containerStatuses)),
  ...containerFamilies(regular, "kube_pod_container"),
  kube_pod_created: ({ metadata }) => maybe(metadata.creationTimestamp),
  kube_pod_deletion_timestamp: ({ metadata }) => maybe(metadata.deletionTimestamp),
  kube_pod_info: ({ metadata, spec, status }) => {
    const creator = metadata.ownerReferences.find(({ controller }) => controller === true);
    return one({
      host_ip: status.hostIP,
      pod_ip: status.podIP,
      node: spec.nodeName,
      created_by_kind: creator?.kind ?? "",
      created_by_name: creator?.name ?? "",
      priority_class: spec.priorityClassName,
      host_network: String(spec.hostNetwork),
    });
  },
  kube_pod_ips: ({ status }) =>
    status.podIPs.map(({ ip }) => ({ labels: { ip, ip_family: "4" }, value: 1 })),
  ...containerFamilies(init, "kube_pod_init_container"),
  kube_pod_annotations: () => [],
  kube_pod_labels: () => [],
  kube_pod_overhead_cpu_cores: ({ spec }) => maybe(milliPrecise(spec.overhead.get("cpu"))),
  kube_pod_overhead_memory_bytes: ({ spec }) => maybe(whole(spec.overhead.get("memory"))),
  kube_pod_owner: ({ metadata }) =>
    metadata.ownerReferences.map(({ kind, name, controller }) => ({
      labels: {
        owner_kind: kind,
        owner_name: name,
        owner_is_controller: String(controller === true),
      },
      value: 1,
    })),
  kube_pod_resourceclaim_info: () => [],
  kube_pod_restart_policy: ({ spec }) => one({ type: spec.restartPolicy }),
  kube_pod_runtimeclass_name_info: ({ spec }) =>
    spec.runtimeClassName === undefined ? [] : one({ runtimeclass_name: spec.runtimeClassName }),
  kube_pod_spec_volumes_persistentvolumeclaims_info: claims(() => 1),
  kube_pod_spec_volumes_persistentvolumeclaims_readonly: claims((readOnly) => (readOnly ? 1 : 0)),
  kube_pod_start_time: ({ status }) => maybe(status.startTime),
  kube_pod_status_phase: states(
    "phase",
    ["Pending", "Succeeded", "Failed", "Unknown", "Running"],
    ({ status }) => status.phase,
  ),
  kube_pod_status_qos_class: states(
    "qos_class",
    ["BestEffort", "Burstable", "Guaranteed"],
    ({ status }) => status.qosClass,
  ),
  kube_pod_status_ready: condition("Ready", conditionState),
  kube_pod_status_ready_time: condition("Ready", since("True")),
  kube_pod_status_initialized_time: condition("Initialized", since("True")),
  kube_pod_status_container_ready_time: condition("ContainersReady", since("True")),
  kube_pod_status_reason: (pod) => podReasonsOf(pod).flatMap((reason) => one({ reason })),
  kube_pod_status_disruption_reason: condition("DisruptionTarget", (each) =>
    one({ reason: disruptionReason(each) }),
  ),
  kube_pod_status_scheduled: condition("PodScheduled", conditionState),
  kube_pod_status_scheduled_time: condition("PodScheduled", since("True")),
  kube_pod_status_unschedulable: condition("PodScheduled", ({ status }) =>
    status === "False" ? one() : [],
  ),
  kube_pod_status_unscheduled_time: condition("PodScheduled", since("False")),
  kube_pod_tolerations: ({ spec }) =>
    spec.tolerations.map(({ key, operator, value, effect, tolerationSeconds = "" }) => ({
      labels: { key, operator, value, effect, toleration_seconds: tolerationSeconds },
      value: 1,
    })),
  kube_pod_nodeselectors: ({ spec }) =>
    one(Object.fromEntries(kubernetesLabels("nodeselector", spec.nodeSelector))),
  kube_pod_service_account: ({ spec }) => one({ service_account: spec.serviceAccountName }),
  kube_pod_scheduler: ({ spec }) => one({ name: spec.schedulerName }),
};

/** One text per family: samples are made as objects first, then printed. */
export function renderPlainly(pod: Pod): string[] {
  const identity = {
    namespace: pod.metadata.namespace,
    pod: pod.metadata.name,
    uid: pod.metadata.uid,
  };
  return Object.entries(families).map(([name, samples]) =>
    samples(pod)
      .map(({ labels, value }) => {
        const pairs = Object.entries({ ...identity, ...labels });
        const text = pairs.map(([label, text]) => `${label}="${escapeLabelValue(text)}"`).join(",");
        return `${name}{${text}} ${formatValue(value)}\n`;
      })
      .join(""),
  );
}
