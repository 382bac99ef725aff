import type { KubernetesObject, OwnerReference } from "../kubernetes-object.ts";
import type { Random } from "../random.ts";

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet" | "Job";

/** Everything that the objects of one application have in common; small, since a large cluster has many. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of the ReplicaSet between a Deployment and its pods. */
  readonly replicaSetUid: string;
  readonly templateHash: string;
  readonly replicas: number;
  readonly image: string;
  /** Labels of its pods (for stateful sets without the pod's own). */
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
}

const nouns = ["cart", "search", "billing", "ledger", "mail", "feed", "quota", "media"] as const;
const roles = ["api", "worker", "frontend", "cache", "gateway", "indexer"] as const;
const teams = ["atlas", "borea", "ceres", "delta"] as const;

/** A workload that differs from all others by its number. */
export function makeWorkload(
  random: Random,
  given: {
    readonly kind: WorkloadKind;
    readonly namespace: string;
    readonly number: number;
    readonly replicas: number;
    readonly createdAt: number;
  },
): Workload {
  const name = `${random.pick(nouns)}-${random.pick(roles)}-${given.number}`;
  const templateHash = random.suffix(9);
  const version = `${1 + random.below(5)}.${random.below(20)}.${random.below(10)}`;
  return {
    kind: given.kind,
    namespace: given.namespace,
    name,
    uid: random.uuid(),
    replicaSetUid: random.uuid(),
    templateHash,
    replicas: given.replicas,
    image: `registry.example/${name}:v${version}`,
    labels: {
      "app.kubernetes.io/name": name,
      "app.kubernetes.io/version": version,
      "app.kubernetes.io/part-of": random.pick(nouns),
      team: random.pick(teams),
      ...(given.kind === "Deployment" ? { "pod-template-hash": templateHash } : {}),
    },
    createdAt: given.createdAt,
  };
}

/** The controller of a workload's pods. */
export function ownerOf(workload: Workload): OwnerReference {
  const replicaSet = workload.kind === "Deployment";
  return {
    apiVersion: workload.kind === "Job" ? "batch/v1" : "apps/v1",
    kind: replicaSet ? "ReplicaSet" : workload.kind,
    name: replicaSet ? replicaSetName(workload) : workload.name,
    uid: replicaSet ? workload.replicaSetUid : workload.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

function replicaSetName({ name, templateHash }: Workload): string {
  return `${name}-${templateHash}`;
}

/** RFC 3339 from seconds since 1970. */
export function time(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** The objects that stand for the workload itself, by plural resource name. */
export function workloadObjects(workload: Workload): [string, () => KubernetesObject][] {
  const { kind } = workload;
  switch (kind) {
    case "Deployment":
      return [
        ["deployments", () => deployment(workload)],
        ["replicasets", () => replicaSet(workload)],
      ];
    case "StatefulSet":
      return [["statefulsets", () => statefulSet(workload)]];
    case "DaemonSet":
      return [["daemonsets", () => daemonSet(workload)]];
    case "Job":
      return [["jobs", () => job(workload)]];
  }
}

function metadata(workload: Workload): NonNullable<KubernetesObject["metadata"]> {
  return {
    name: workload.name,
    namespace: workload.namespace,
    uid: workload.uid,
    generation: 2,
    creationTimestamp: time(workload.createdAt),
    labels: { "app.kubernetes.io/name": workload.name },
    annotations: { "deployment.kubernetes.io/revision": "2" },
  };
}

function template(workload: Workload): unknown {
  return {
    metadata: { labels: workload.labels },
    spec: { containers: [{ name: "app", image: workload.image }], restartPolicy: "Always" },
  };
}

function selector({ labels }: Workload): unknown {
  const { "app.kubernetes.io/name": name = "" } = labels;
  return { matchLabels: { "app.kubernetes.io/name": name } };
}

function condition(type: string, workload: Workload): unknown {
  return {
    type,
    status: "True",
    reason: "AsExpected",
    message: "",
    lastUpdateTime: time(workload.createdAt + 60),
    lastTransitionTime: time(workload.createdAt + 60),
  };
}

function deployment(workload: Workload): KubernetesObject {
  const { replicas } = workload;
  return {
    metadata: metadata(workload),
    spec: {
      replicas,
      selector: selector(workload),
      template: template(workload),
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" },
      },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: {
      observedGeneration: 2,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [condition("Available", workload), condition("Progressing", workload)],
    },
  };
}

function replicaSet(workload: Workload): KubernetesObject {
  const { replicas } = workload;
  return {
    metadata: {
      ...metadata(workload),
      name: replicaSetName(workload),
      uid: workload.replicaSetUid,
      labels: { ...workload.labels },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "Deployment",
          name: workload.name,
          uid: workload.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { replicas, selector: selector(workload), template: template(workload) },
    status: {
      replicas,
      fullyLabeledReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      observedGeneration: 1,
    },
  };
}

function statefulSet(workload: Workload): KubernetesObject {
  const { replicas, name } = workload;
  return {
    metadata: metadata(workload),
    spec: {
      replicas,
      selector: selector(workload),
      template: template(workload),
      serviceName: name,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    },
    status: {
      observedGeneration: 2,
      replicas,
      readyReplicas: replicas,
      currentReplicas: replicas,
      updatedReplicas: replicas,
      availableReplicas: replicas,
      currentRevision: `${name}-${workload.templateHash}`,
      updateRevision: `${name}-${workload.templateHash}`,
    },
  };
}

function daemonSet(workload: Workload): KubernetesObject {
  const { replicas } = workload;
  return {
    metadata: metadata(workload),
    spec: {
      selector: selector(workload),
      template: template(workload),
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    },
    status: {
      currentNumberScheduled: replicas,
      numberMisscheduled: 0,
      desiredNumberScheduled: replicas,
      numberReady: replicas,
      observedGeneration: 2,
      updatedNumberScheduled: replicas,
      numberAvailable: replicas,
    },
  };
}

function job(workload: Workload): KubernetesObject {
  const { replicas, createdAt } = workload;
  return {
    metadata: { ...metadata(workload), generation: 1 },
    spec: {
      parallelism: replicas,
      completions: replicas,
      backoffLimit: 6,
      selector: selector(workload),
      template: template(workload),
      completionMode: "NonIndexed",
      suspend: false,
    },
    status: {
      conditions: [
        {
          type: "Complete",
          status: "True",
          lastProbeTime: time(createdAt + 300),
          lastTransitionTime: time(createdAt + 300),
        },
      ],
      startTime: time(createdAt),
      completionTime: time(createdAt + 300),
      succeeded: replicas,
      ready: 0,
    },
  };
}
