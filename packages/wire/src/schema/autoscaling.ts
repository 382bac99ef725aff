// autoscaling/v2. The numbers are those of the published generated.proto files; only what is read is declared.
import { int32, list, message, one, optional, quantity, string, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface CrossVersionObjectReference {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion: string;
}

const crossVersionObjectReference: Message<CrossVersionObjectReference> =
  message<CrossVersionObjectReference>("CrossVersionObjectReference", {
    kind: string(1),
    name: string(2),
    apiVersion: string(3),
  });

interface MetricTarget {
  readonly value: string | undefined;
  readonly averageValue: string | undefined;
  readonly averageUtilization: number | undefined;
}

const metricTarget: Message<MetricTarget> = message<MetricTarget>("MetricTarget", {
  value: optional(quantity(2)),
  averageValue: optional(quantity(3)),
  averageUtilization: optional(int32(4)),
});

interface MetricIdentifier {
  readonly name: string;
}

const metricIdentifier: Message<MetricIdentifier> = message<MetricIdentifier>("MetricIdentifier", {
  name: string(1),
});

interface ObjectMetricSource {
  readonly target: MetricTarget;
  readonly metric: MetricIdentifier;
}

const objectMetricSource: Message<ObjectMetricSource> = message<ObjectMetricSource>(
  "ObjectMetricSource",
  {
    target: one(2, metricTarget),
    metric: one(3, metricIdentifier),
  },
);

interface PodsMetricSource {
  readonly metric: MetricIdentifier;
  readonly target: MetricTarget;
}

const podsMetricSource: Message<PodsMetricSource> = message<PodsMetricSource>("PodsMetricSource", {
  metric: one(1, metricIdentifier),
  target: one(2, metricTarget),
});

interface ResourceMetricSource {
  readonly name: string;
  readonly target: MetricTarget;
}

const resourceMetricSource: Message<ResourceMetricSource> = message<ResourceMetricSource>(
  "ResourceMetricSource",
  {
    name: string(1),
    target: one(2, metricTarget),
  },
);

interface ExternalMetricSource {
  readonly metric: MetricIdentifier;
  readonly target: MetricTarget;
}

const externalMetricSource: Message<ExternalMetricSource> = message<ExternalMetricSource>(
  "ExternalMetricSource",
  {
    metric: one(1, metricIdentifier),
    target: one(2, metricTarget),
  },
);

interface ContainerResourceMetricSource {
  readonly name: string;
  readonly target: MetricTarget;
  readonly container: string;
}

const containerResourceMetricSource: Message<ContainerResourceMetricSource> =
  message<ContainerResourceMetricSource>("ContainerResourceMetricSource", {
    name: string(1),
    target: one(2, metricTarget),
    container: string(3),
  });

export interface MetricSpec {
  readonly type: string;
  readonly object: ObjectMetricSource | undefined;
  readonly pods: PodsMetricSource | undefined;
  readonly resource: ResourceMetricSource | undefined;
  readonly external: ExternalMetricSource | undefined;
  readonly containerResource: ContainerResourceMetricSource | undefined;
}

const metricSpec: Message<MetricSpec> = message<MetricSpec>("MetricSpec", {
  type: string(1),
  object: optional(one(2, objectMetricSource)),
  pods: optional(one(3, podsMetricSource)),
  resource: optional(one(4, resourceMetricSource)),
  external: optional(one(5, externalMetricSource)),
  containerResource: optional(one(7, containerResourceMetricSource)),
});

interface HPAScalingRules {
  readonly tolerance: string | undefined;
}

const hpaScalingRules: Message<HPAScalingRules> = message<HPAScalingRules>("HPAScalingRules", {
  tolerance: optional(quantity(4)),
});

interface HorizontalPodAutoscalerBehavior {
  readonly scaleUp: HPAScalingRules | undefined;
  readonly scaleDown: HPAScalingRules | undefined;
}

const horizontalPodAutoscalerBehavior: Message<HorizontalPodAutoscalerBehavior> =
  message<HorizontalPodAutoscalerBehavior>("HorizontalPodAutoscalerBehavior", {
    scaleUp: optional(one(1, hpaScalingRules)),
    scaleDown: optional(one(2, hpaScalingRules)),
  });

interface HorizontalPodAutoscalerSpec {
  readonly scaleTargetRef: CrossVersionObjectReference;
  readonly minReplicas: number | undefined;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricSpec[];
  readonly behavior: HorizontalPodAutoscalerBehavior | undefined;
}

const horizontalPodAutoscalerSpec: Message<HorizontalPodAutoscalerSpec> =
  message<HorizontalPodAutoscalerSpec>("HorizontalPodAutoscalerSpec", {
    scaleTargetRef: one(1, crossVersionObjectReference),
    minReplicas: optional(int32(2)),
    maxReplicas: int32(3),
    metrics: list(4, metricSpec),
    behavior: optional(one(5, horizontalPodAutoscalerBehavior)),
  });

interface MetricValueStatus {
  readonly value: string | undefined;
  readonly averageValue: string | undefined;
  readonly averageUtilization: number | undefined;
}

const metricValueStatus: Message<MetricValueStatus> = message<MetricValueStatus>(
  "MetricValueStatus",
  {
    value: optional(quantity(1)),
    averageValue: optional(quantity(2)),
    averageUtilization: optional(int32(3)),
  },
);

interface ObjectMetricStatus {
  readonly metric: MetricIdentifier;
  readonly current: MetricValueStatus;
}

const objectMetricStatus: Message<ObjectMetricStatus> = message<ObjectMetricStatus>(
  "ObjectMetricStatus",
  {
    metric: one(1, metricIdentifier),
    current: one(2, metricValueStatus),
  },
);

interface PodsMetricStatus {
  readonly metric: MetricIdentifier;
  readonly current: MetricValueStatus;
}

const podsMetricStatus: Message<PodsMetricStatus> = message<PodsMetricStatus>("PodsMetricStatus", {
  metric: one(1, metricIdentifier),
  current: one(2, metricValueStatus),
});

interface ResourceMetricStatus {
  readonly name: string;
  readonly current: MetricValueStatus;
}

const resourceMetricStatus: Message<ResourceMetricStatus> = message<ResourceMetricStatus>(
  "ResourceMetricStatus",
  {
    name: string(1),
    current: one(2, metricValueStatus),
  },
);

interface ExternalMetricStatus {
  readonly metric: MetricIdentifier;
  readonly current: MetricValueStatus;
}

const externalMetricStatus: Message<ExternalMetricStatus> = message<ExternalMetricStatus>(
  "ExternalMetricStatus",
  {
    metric: one(1, metricIdentifier),
    current: one(2, metricValueStatus),
  },
);

interface ContainerResourceMetricStatus {
  readonly name: string;
  readonly current: MetricValueStatus;
  readonly container: string;
}

const containerResourceMetricStatus: Message<ContainerResourceMetricStatus> =
  message<ContainerResourceMetricStatus>("ContainerResourceMetricStatus", {
    name: string(1),
    current: one(2, metricValueStatus),
    container: string(3),
  });

export interface MetricStatus {
  readonly type: string;
  readonly object: ObjectMetricStatus | undefined;
  readonly pods: PodsMetricStatus | undefined;
  readonly resource: ResourceMetricStatus | undefined;
  readonly external: ExternalMetricStatus | undefined;
  readonly containerResource: ContainerResourceMetricStatus | undefined;
}

const metricStatus: Message<MetricStatus> = message<MetricStatus>("MetricStatus", {
  type: string(1),
  object: optional(one(2, objectMetricStatus)),
  pods: optional(one(3, podsMetricStatus)),
  resource: optional(one(4, resourceMetricStatus)),
  external: optional(one(5, externalMetricStatus)),
  containerResource: optional(one(7, containerResourceMetricStatus)),
});

export interface HorizontalPodAutoscalerCondition {
  readonly type: string;
  readonly status: string;
}

const horizontalPodAutoscalerCondition: Message<HorizontalPodAutoscalerCondition> =
  message<HorizontalPodAutoscalerCondition>("HorizontalPodAutoscalerCondition", {
    type: string(1),
    status: string(2),
  });

interface HorizontalPodAutoscalerStatus {
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  readonly currentMetrics: readonly MetricStatus[];
  readonly conditions: readonly HorizontalPodAutoscalerCondition[];
}

const horizontalPodAutoscalerStatus: Message<HorizontalPodAutoscalerStatus> =
  message<HorizontalPodAutoscalerStatus>("HorizontalPodAutoscalerStatus", {
    currentReplicas: int32(3),
    desiredReplicas: int32(4),
    currentMetrics: list(5, metricStatus),
    conditions: list(6, horizontalPodAutoscalerCondition),
  });

export interface HorizontalPodAutoscaler {
  readonly metadata: ObjectMeta;
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly status: HorizontalPodAutoscalerStatus;
}

export const horizontalPodAutoscaler: Message<HorizontalPodAutoscaler> =
  message<HorizontalPodAutoscaler>("HorizontalPodAutoscaler", {
    metadata: one(1, objectMeta),
    spec: one(2, horizontalPodAutoscalerSpec),
    status: one(3, horizontalPodAutoscalerStatus),
  });
