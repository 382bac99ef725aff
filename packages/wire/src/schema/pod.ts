// core/v1: pods. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  anything,
  bool,
  embedded,
  int32,
  int64Text,
  list,
  map,
  message,
  one,
  optional,
  quantities,
  string,
  time,
  type Message,
  type Anything,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface PersistentVolumeClaimVolumeSource {
  readonly claimName: string;
  readonly readOnly: boolean;
}

const persistentVolumeClaimVolumeSource: Message<PersistentVolumeClaimVolumeSource> =
  message<PersistentVolumeClaimVolumeSource>("PersistentVolumeClaimVolumeSource", {
    claimName: string(1),
    readOnly: bool(2),
  });

interface VolumeSource {
  readonly persistentVolumeClaim: PersistentVolumeClaimVolumeSource | undefined;
  readonly ephemeral: Anything | undefined;
}

const volumeSource: Message<VolumeSource> = message<VolumeSource>("VolumeSource", {
  persistentVolumeClaim: optional(one(10, persistentVolumeClaimVolumeSource)),
  ephemeral: optional(one(29, anything)),
});

export interface Volume extends VolumeSource {
  readonly name: string;
}

const volume: Message<Volume> = message<Volume>("Volume", {
  name: string(1),
  ...embedded(2, volumeSource),
});

interface ResourceRequirements {
  readonly limits: ReadonlyMap<string, string>;
  readonly requests: ReadonlyMap<string, string>;
}

const resourceRequirements: Message<ResourceRequirements> = message<ResourceRequirements>(
  "ResourceRequirements",
  {
    limits: quantities(1),
    requests: quantities(2),
  },
);

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources: ResourceRequirements;
  readonly restartPolicy: string | undefined;
}

const container: Message<Container> = message<Container>("Container", {
  name: string(1),
  image: string(2),
  resources: one(8, resourceRequirements),
  restartPolicy: optional(string(24)),
});

export interface Toleration {
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  readonly effect: string;
  readonly tolerationSeconds: string | undefined;
}

const toleration: Message<Toleration> = message<Toleration>("Toleration", {
  key: string(1),
  operator: string(2),
  value: string(3),
  effect: string(4),
  tolerationSeconds: optional(int64Text(5)),
});

export interface PodResourceClaim {
  readonly name: string;
  readonly resourceClaimName: string | undefined;
  readonly resourceClaimTemplateName: string | undefined;
}

const podResourceClaim: Message<PodResourceClaim> = message<PodResourceClaim>("PodResourceClaim", {
  name: string(1),
  resourceClaimName: optional(string(3)),
  resourceClaimTemplateName: optional(string(4)),
});

interface PodSpec {
  readonly volumes: readonly Volume[];
  readonly containers: readonly Container[];
  readonly restartPolicy: string;
  readonly nodeSelector: ReadonlyMap<string, string>;
  readonly serviceAccountName: string;
  readonly nodeName: string;
  readonly hostNetwork: boolean;
  readonly schedulerName: string;
  readonly initContainers: readonly Container[];
  readonly tolerations: readonly Toleration[];
  readonly priorityClassName: string;
  readonly runtimeClassName: string | undefined;
  readonly overhead: ReadonlyMap<string, string>;
  readonly resourceClaims: readonly PodResourceClaim[];
}

const podSpec: Message<PodSpec> = message<PodSpec>("PodSpec", {
  volumes: list(1, volume),
  containers: list(2, container),
  restartPolicy: string(3),
  nodeSelector: map(7),
  serviceAccountName: string(8),
  nodeName: string(10),
  hostNetwork: bool(11),
  schedulerName: string(19),
  initContainers: list(20, container),
  tolerations: list(22, toleration),
  priorityClassName: string(24),
  runtimeClassName: optional(string(29)),
  overhead: quantities(32),
  resourceClaims: list(39, podResourceClaim),
});

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: number | undefined;
  readonly reason: string;
}

const podCondition: Message<PodCondition> = message<PodCondition>("PodCondition", {
  type: string(1),
  status: string(2),
  lastTransitionTime: time(4),
  reason: string(5),
});

interface ContainerStateWaiting {
  readonly reason: string;
}

const containerStateWaiting: Message<ContainerStateWaiting> = message<ContainerStateWaiting>(
  "ContainerStateWaiting",
  {
    reason: string(1),
  },
);

interface ContainerStateRunning {
  readonly startedAt: number | undefined;
}

const containerStateRunning: Message<ContainerStateRunning> = message<ContainerStateRunning>(
  "ContainerStateRunning",
  {
    startedAt: time(1),
  },
);

interface ContainerStateTerminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
}

const containerStateTerminated: Message<ContainerStateTerminated> =
  message<ContainerStateTerminated>("ContainerStateTerminated", {
    exitCode: int32(1),
    reason: string(3),
    startedAt: time(5),
    finishedAt: time(6),
  });

interface ContainerState {
  readonly waiting: ContainerStateWaiting | undefined;
  readonly running: ContainerStateRunning | undefined;
  readonly terminated: ContainerStateTerminated | undefined;
}

const containerState: Message<ContainerState> = message<ContainerState>("ContainerState", {
  waiting: optional(one(1, containerStateWaiting)),
  running: optional(one(2, containerStateRunning)),
  terminated: optional(one(3, containerStateTerminated)),
});

export interface ContainerStatus {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID: string;
}

const containerStatus: Message<ContainerStatus> = message<ContainerStatus>("ContainerStatus", {
  name: string(1),
  state: one(2, containerState),
  lastState: one(3, containerState),
  ready: bool(4),
  restartCount: int32(5),
  image: string(6),
  imageID: string(7),
  containerID: string(8),
});

export interface PodIP {
  readonly ip: string;
}

const podIP: Message<PodIP> = message<PodIP>("PodIP", {
  ip: string(1),
});

export interface PodResourceClaimStatus {
  readonly name: string;
  readonly resourceClaimName: string | undefined;
}

const podResourceClaimStatus: Message<PodResourceClaimStatus> = message<PodResourceClaimStatus>(
  "PodResourceClaimStatus",
  {
    name: string(1),
    resourceClaimName: optional(string(2)),
  },
);

interface PodStatus {
  readonly phase: string;
  readonly conditions: readonly PodCondition[];
  readonly reason: string;
  readonly hostIP: string;
  readonly podIP: string;
  readonly startTime: number | undefined;
  readonly containerStatuses: readonly ContainerStatus[];
  readonly qosClass: string;
  readonly initContainerStatuses: readonly ContainerStatus[];
  readonly podIPs: readonly PodIP[];
  readonly resourceClaimStatuses: readonly PodResourceClaimStatus[];
}

const podStatus: Message<PodStatus> = message<PodStatus>("PodStatus", {
  phase: string(1),
  conditions: list(2, podCondition),
  reason: string(4),
  hostIP: string(5),
  podIP: string(6),
  startTime: optional(time(7)),
  containerStatuses: list(8, containerStatus),
  qosClass: string(9),
  initContainerStatuses: list(10, containerStatus),
  podIPs: list(12, podIP),
  resourceClaimStatuses: list(15, podResourceClaimStatus),
});

export interface Pod {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

export const pod: Message<Pod> = message<Pod>("Pod", {
  metadata: one(1, objectMeta),
  spec: one(2, podSpec),
  status: one(3, podStatus),
});
