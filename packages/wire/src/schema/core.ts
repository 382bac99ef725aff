// core/v1: the smaller resources. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  bool,
  int32,
  int64,
  list,
  message,
  one,
  optional,
  quantities,
  string,
  strings,
  type Message,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";
import {
  type LocalObjectReference,
  type ObjectReference,
  localObjectReference,
  objectReference,
} from "./object-reference.ts";

interface NamespaceSpec {
  readonly finalizers: readonly string[];
}

const namespaceSpec: Message<NamespaceSpec> = message<NamespaceSpec>("NamespaceSpec", {
  finalizers: strings(1),
});

export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
}

const namespaceCondition: Message<NamespaceCondition> = message<NamespaceCondition>(
  "NamespaceCondition",
  {
    type: string(1),
    status: string(2),
  },
);

interface NamespaceStatus {
  readonly phase: string;
  readonly conditions: readonly NamespaceCondition[];
}

const namespaceStatus: Message<NamespaceStatus> = message<NamespaceStatus>("NamespaceStatus", {
  phase: string(1),
  conditions: list(2, namespaceCondition),
});

export interface Namespace {
  readonly metadata: ObjectMeta;
  readonly spec: NamespaceSpec;
  readonly status: NamespaceStatus;
}

export const namespace: Message<Namespace> = message<Namespace>("Namespace", {
  metadata: one(1, objectMeta),
  spec: one(2, namespaceSpec),
  status: one(3, namespaceStatus),
});

export interface ConfigMap {
  readonly metadata: ObjectMeta;
}

export const configMap: Message<ConfigMap> = message<ConfigMap>("ConfigMap", {
  metadata: one(1, objectMeta),
});

export interface Secret {
  readonly metadata: ObjectMeta;
  readonly type: string;
}

export const secret: Message<Secret> = message<Secret>("Secret", {
  metadata: one(1, objectMeta),
  type: string(3),
});

export interface ServiceAccount {
  readonly metadata: ObjectMeta;
  readonly secrets: readonly ObjectReference[];
  readonly imagePullSecrets: readonly LocalObjectReference[];
  readonly automountServiceAccountToken: boolean | undefined;
}

export const serviceAccount: Message<ServiceAccount> = message<ServiceAccount>("ServiceAccount", {
  metadata: one(1, objectMeta),
  secrets: list(2, objectReference),
  imagePullSecrets: list(3, localObjectReference),
  automountServiceAccountToken: optional(bool(4)),
});

export interface LimitRangeItem {
  readonly type: string;
  readonly max: ReadonlyMap<string, string>;
  readonly min: ReadonlyMap<string, string>;
  readonly default: ReadonlyMap<string, string>;
  readonly defaultRequest: ReadonlyMap<string, string>;
  readonly maxLimitRequestRatio: ReadonlyMap<string, string>;
}

const limitRangeItem: Message<LimitRangeItem> = message<LimitRangeItem>("LimitRangeItem", {
  type: string(1),
  max: quantities(2),
  min: quantities(3),
  default: quantities(4),
  defaultRequest: quantities(5),
  maxLimitRequestRatio: quantities(6),
});

interface LimitRangeSpec {
  readonly limits: readonly LimitRangeItem[];
}

const limitRangeSpec: Message<LimitRangeSpec> = message<LimitRangeSpec>("LimitRangeSpec", {
  limits: list(1, limitRangeItem),
});

export interface LimitRange {
  readonly metadata: ObjectMeta;
  readonly spec: LimitRangeSpec;
}

export const limitRange: Message<LimitRange> = message<LimitRange>("LimitRange", {
  metadata: one(1, objectMeta),
  spec: one(2, limitRangeSpec),
});

interface ResourceQuotaSpec {
  readonly hard: ReadonlyMap<string, string>;
}

const resourceQuotaSpec: Message<ResourceQuotaSpec> = message<ResourceQuotaSpec>(
  "ResourceQuotaSpec",
  {
    hard: quantities(1),
  },
);

interface ResourceQuotaStatus {
  readonly hard: ReadonlyMap<string, string>;
  readonly used: ReadonlyMap<string, string>;
}

const resourceQuotaStatus: Message<ResourceQuotaStatus> = message<ResourceQuotaStatus>(
  "ResourceQuotaStatus",
  {
    hard: quantities(1),
    used: quantities(2),
  },
);

export interface ResourceQuota {
  readonly metadata: ObjectMeta;
  readonly spec: ResourceQuotaSpec;
  readonly status: ResourceQuotaStatus;
}

export const resourceQuota: Message<ResourceQuota> = message<ResourceQuota>("ResourceQuota", {
  metadata: one(1, objectMeta),
  spec: one(2, resourceQuotaSpec),
  status: one(3, resourceQuotaStatus),
});

interface ReplicationControllerSpec {
  readonly replicas: number | undefined;
}

const replicationControllerSpec: Message<ReplicationControllerSpec> =
  message<ReplicationControllerSpec>("ReplicationControllerSpec", {
    replicas: optional(int32(1)),
  });

interface ReplicationControllerStatus {
  readonly replicas: number;
  readonly fullyLabeledReplicas: number;
  readonly observedGeneration: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

const replicationControllerStatus: Message<ReplicationControllerStatus> =
  message<ReplicationControllerStatus>("ReplicationControllerStatus", {
    replicas: int32(1),
    fullyLabeledReplicas: int32(2),
    observedGeneration: int64(3),
    readyReplicas: int32(4),
    availableReplicas: int32(5),
  });

export interface ReplicationController {
  readonly metadata: ObjectMeta;
  readonly spec: ReplicationControllerSpec;
  readonly status: ReplicationControllerStatus;
}

export const replicationController: Message<ReplicationController> = message<ReplicationController>(
  "ReplicationController",
  {
    metadata: one(1, objectMeta),
    spec: one(2, replicationControllerSpec),
    status: one(3, replicationControllerStatus),
  },
);
