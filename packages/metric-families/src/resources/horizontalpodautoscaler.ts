import {
  horizontalPodAutoscaler,
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
} from "@kube-state-mosaic/wire";
import { approximate } from "../approximate-quantity.ts";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { conditions } from "../parts/conditions.ts";
import { created, deletionTimestamp, generation } from "../parts/metadata.ts";
import { currentValues, targetValues, type MetricValue } from "../parts/scaling-metric.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<HorizontalPodAutoscaler>();

const metricLabels = {
  metric_name: ({ name }: MetricValue) => name,
  metric_target_type: ({ type }: MetricValue) => type,
  container: ({ container }: MetricValue) => container,
};

export const horizontalpodautoscalers: Resource<HorizontalPodAutoscaler> = {
  name: "horizontalpodautoscalers",
  kind: "HorizontalPodAutoscaler",
  group: "autoscaling",
  version: "v2",
  path: "/apis/autoscaling/v2/horizontalpodautoscalers",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: horizontalPodAutoscaler,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    horizontalpodautoscaler: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_horizontalpodautoscaler_info", "What the autoscaler scales.", {
      dynamicLabels: scaleTarget,
    }),
    gauge("kube_horizontalpodautoscaler_metadata_generation", "Generation of the desired state.", {
      stability: "STABLE",
      ...generation,
    }),
    gauge("kube_horizontalpodautoscaler_spec_max_replicas", "Most pods the target may have.", {
      stability: "STABLE",
      value: ({ spec }) => spec.maxReplicas,
    }),
    gauge("kube_horizontalpodautoscaler_spec_min_replicas", "Fewest pods the target may have.", {
      stability: "STABLE",
      value: ({ spec }) => spec.minReplicas ?? 1,
    }),
    gauge("kube_horizontalpodautoscaler_spec_target_metric", "Values the metrics should have.", {
      rows: ({ spec }) => targetValues(spec.metrics),
      labels: metricLabels,
      value: ({ value }) => value,
    }),
    gauge(
      "kube_horizontalpodautoscaler_spec_behavior_scale_down_tolerance",
      "How far, as a ratio, a metric may fall short before the target is scaled down.",
      { value: ({ spec }) => approximate(spec.behavior?.scaleDown?.tolerance) },
    ),
    gauge(
      "kube_horizontalpodautoscaler_spec_behavior_scale_up_tolerance",
      "How far, as a ratio, a metric may go over before the target is scaled up.",
      { value: ({ spec }) => approximate(spec.behavior?.scaleUp?.tolerance) },
    ),
    gauge("kube_horizontalpodautoscaler_status_target_metric", "Values the metrics have.", {
      stability: "STABLE",
      rows: ({ status }) => currentValues(status.currentMetrics),
      labels: metricLabels,
      value: ({ value }) => value,
    }),
    gauge("kube_horizontalpodautoscaler_status_current_replicas", "Pods the target has.", {
      stability: "STABLE",
      value: ({ status }) => status.currentReplicas,
    }),
    gauge("kube_horizontalpodautoscaler_status_desired_replicas", "Pods the target should have.", {
      stability: "STABLE",
      value: ({ status }) => status.desiredReplicas,
    }),
    gauge("kube_horizontalpodautoscaler_annotations", "Allow-listed annotations.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_horizontalpodautoscaler_labels", "Allow-listed labels of the autoscaler.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_horizontalpodautoscaler_status_condition", "Conditions of the autoscaler.", {
      stability: "STABLE",
      ...conditions<HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition>(
        ({ status }) => status.conditions,
      ),
    }),
    gauge("kube_horizontalpodautoscaler_created", "Time of creation, in Unix seconds.", {
      ...created,
    }),
    gauge(
      "kube_horizontalpodautoscaler_deletion_timestamp",
      "Time deletion was asked for, in Unix seconds.",
      { ...deletionTimestamp },
    ),
  ],
};

/** All labels are dynamic because the first is left out, rather than empty, for a target without an API version. */
function scaleTarget({ spec }: HorizontalPodAutoscaler): readonly (readonly [string, string])[] {
  const { apiVersion, kind, name } = spec.scaleTargetRef;
  const target = [
    ["scaletargetref_kind", kind],
    ["scaletargetref_name", name],
  ] as const;
  return apiVersion === "" ? target : [["scaletargetref_api_version", apiVersion], ...target];
}
