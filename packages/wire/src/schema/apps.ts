// apps/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  bool,
  int32,
  int64,
  intOrString,
  list,
  message,
  one,
  optional,
  string,
  type Message,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface DaemonSetStatus {
  readonly currentNumberScheduled: number;
  readonly numberMisscheduled: number;
  readonly desiredNumberScheduled: number;
  readonly numberReady: number;
  readonly observedGeneration: number;
  readonly updatedNumberScheduled: number;
  readonly numberAvailable: number;
  readonly numberUnavailable: number;
}

const daemonSetStatus: Message<DaemonSetStatus> = message<DaemonSetStatus>("DaemonSetStatus", {
  currentNumberScheduled: int32(1),
  numberMisscheduled: int32(2),
  desiredNumberScheduled: int32(3),
  numberReady: int32(4),
  observedGeneration: int64(5),
  updatedNumberScheduled: int32(6),
  numberAvailable: int32(7),
  numberUnavailable: int32(8),
});

export interface DaemonSet {
  readonly metadata: ObjectMeta;
  readonly status: DaemonSetStatus;
}

export const daemonSet: Message<DaemonSet> = message<DaemonSet>("DaemonSet", {
  metadata: one(1, objectMeta),
  status: one(3, daemonSetStatus),
});

interface RollingUpdateDeployment {
  readonly maxUnavailable: number | string | undefined;
  readonly maxSurge: number | string | undefined;
}

const rollingUpdateDeployment: Message<RollingUpdateDeployment> = message<RollingUpdateDeployment>(
  "RollingUpdateDeployment",
  {
    maxUnavailable: optional(intOrString(1)),
    maxSurge: optional(intOrString(2)),
  },
);

interface DeploymentStrategy {
  readonly rollingUpdate: RollingUpdateDeployment | undefined;
}

const deploymentStrategy: Message<DeploymentStrategy> = message<DeploymentStrategy>(
  "DeploymentStrategy",
  {
    rollingUpdate: optional(one(2, rollingUpdateDeployment)),
  },
);

interface DeploymentSpec {
  readonly replicas: number | undefined;
  readonly strategy: DeploymentStrategy;
  readonly paused: boolean;
}

const deploymentSpec: Message<DeploymentSpec> = message<DeploymentSpec>("DeploymentSpec", {
  replicas: optional(int32(1)),
  strategy: one(4, deploymentStrategy),
  paused: bool(7),
});

export interface DeploymentCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

const deploymentCondition: Message<DeploymentCondition> = message<DeploymentCondition>(
  "DeploymentCondition",
  {
    type: string(1),
    status: string(2),
    reason: string(4),
  },
);

interface DeploymentStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly availableReplicas: number;
  readonly unavailableReplicas: number;
  readonly conditions: readonly DeploymentCondition[];
  readonly readyReplicas: number;
  readonly terminatingReplicas: number | undefined;
}

const deploymentStatus: Message<DeploymentStatus> = message<DeploymentStatus>("DeploymentStatus", {
  observedGeneration: int64(1),
  replicas: int32(2),
  updatedReplicas: int32(3),
  availableReplicas: int32(4),
  unavailableReplicas: int32(5),
  conditions: list(6, deploymentCondition),
  readyReplicas: int32(7),
  terminatingReplicas: optional(int32(9)),
});

export interface Deployment {
  readonly metadata: ObjectMeta;
  readonly spec: DeploymentSpec;
  readonly status: DeploymentStatus;
}

export const deployment: Message<Deployment> = message<Deployment>("Deployment", {
  metadata: one(1, objectMeta),
  spec: one(2, deploymentSpec),
  status: one(3, deploymentStatus),
});

interface ReplicaSetSpec {
  readonly replicas: number | undefined;
}

const replicaSetSpec: Message<ReplicaSetSpec> = message<ReplicaSetSpec>("ReplicaSetSpec", {
  replicas: optional(int32(1)),
});

interface ReplicaSetStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas: number;
  readonly observedGeneration: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
  readonly terminatingReplicas: number | undefined;
}

const replicaSetStatus: Message<ReplicaSetStatus> = message<ReplicaSetStatus>("ReplicaSetStatus", {
  replicas: int32(1),
  fullyLabeledReplicas: int32(2),
  observedGeneration: int64(3),
  readyReplicas: int32(4),
  availableReplicas: int32(5),
  terminatingReplicas: optional(int32(7)),
});

export interface ReplicaSet {
  readonly metadata: ObjectMeta;
  readonly spec: ReplicaSetSpec;
  readonly status: ReplicaSetStatus;
}

export const replicaSet: Message<ReplicaSet> = message<ReplicaSet>("ReplicaSet", {
  metadata: one(1, objectMeta),
  spec: one(2, replicaSetSpec),
  status: one(3, replicaSetStatus),
});

interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  readonly whenDeleted: string;
  readonly whenScaled: string;
}

const statefulSetPersistentVolumeClaimRetentionPolicy: Message<StatefulSetPersistentVolumeClaimRetentionPolicy> =
  message<StatefulSetPersistentVolumeClaimRetentionPolicy>(
    "StatefulSetPersistentVolumeClaimRetentionPolicy",
    {
      whenDeleted: string(1),
      whenScaled: string(2),
    },
  );

interface StatefulSetOrdinals {
  readonly start: number;
}

const statefulSetOrdinals: Message<StatefulSetOrdinals> = message<StatefulSetOrdinals>(
  "StatefulSetOrdinals",
  {
    start: int32(1),
  },
);

interface StatefulSetSpec {
  readonly replicas: number | undefined;
  readonly persistentVolumeClaimRetentionPolicy:
    | StatefulSetPersistentVolumeClaimRetentionPolicy
    | undefined;
  readonly ordinals: StatefulSetOrdinals | undefined;
}

const statefulSetSpec: Message<StatefulSetSpec> = message<StatefulSetSpec>("StatefulSetSpec", {
  replicas: optional(int32(1)),
  persistentVolumeClaimRetentionPolicy: optional(
    one(10, statefulSetPersistentVolumeClaimRetentionPolicy),
  ),
  ordinals: optional(one(11, statefulSetOrdinals)),
});

interface StatefulSetStatus {
  readonly observedGeneration: number;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly currentReplicas: number;
  readonly updatedReplicas: number;
  readonly currentRevision: string;
  readonly updateRevision: string;
  readonly availableReplicas: number;
}

const statefulSetStatus: Message<StatefulSetStatus> = message<StatefulSetStatus>(
  "StatefulSetStatus",
  {
    observedGeneration: int64(1),
    replicas: int32(2),
    readyReplicas: int32(3),
    currentReplicas: int32(4),
    updatedReplicas: int32(5),
    currentRevision: string(6),
    updateRevision: string(7),
    availableReplicas: int32(11),
  },
);

export interface StatefulSet {
  readonly metadata: ObjectMeta;
  readonly spec: StatefulSetSpec;
  readonly status: StatefulSetStatus;
}

export const statefulSet: Message<StatefulSet> = message<StatefulSet>("StatefulSet", {
  metadata: one(1, objectMeta),
  spec: one(2, statefulSetSpec),
  status: one(3, statefulSetStatus),
});
