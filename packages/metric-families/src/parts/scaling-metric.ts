import type { MetricSpec, MetricStatus } from "@kube-state-mosaic/wire";
import { milliPrecise } from "../quantity.ts";

/** One value, wanted or measured, of one metric that an autoscaler looks at. */
export interface MetricValue {
  readonly name: string;
  readonly type: "value" | "average" | "utilization";
  /** `""` for every metric that is not of a container. */
  readonly container: string;
  readonly value: number | undefined;
}

/** The values metrics should have. */
export function targetValues(metrics: readonly MetricSpec[]): readonly MetricValue[] {
  return metrics.flatMap((metric) => {
    const source = sourceOf(metric);
    return source === undefined ? [] : valuesOf(source, source.target);
  });
}

/** The values metrics have. */
export function currentValues(metrics: readonly MetricStatus[]): readonly MetricValue[] {
  return metrics.flatMap((metric) => {
    const source = sourceOf(metric);
    return source === undefined ? [] : valuesOf(source, source.current);
  });
}

interface Named {
  readonly metric: { readonly name: string };
}
interface OfResource {
  readonly name: string;
  readonly container?: string;
}

interface Sources<Other, Resource, ContainerResource> {
  readonly type: string;
  readonly object: Other | undefined;
  readonly pods: Other | undefined;
  readonly external: Other | undefined;
  readonly resource: Resource | undefined;
  readonly containerResource: ContainerResource | undefined;
}

/** The source that the type names. A type that is unknown, or whose source is missing, gives nothing; on the latter the reference crashes. */
function sourceOf<Other, Resource, ContainerResource>(
  metric: Sources<Other, Resource, ContainerResource>,
): Other | Resource | ContainerResource | undefined {
  switch (metric.type) {
    case "Object":
      return metric.object;
    case "Pods":
      return metric.pods;
    case "External":
      return metric.external;
    case "Resource":
      return metric.resource;
    case "ContainerResource":
      return metric.containerResource;
    default:
      return undefined;
  }
}

interface Values {
  readonly value: string | undefined;
  readonly averageValue: string | undefined;
  readonly averageUtilization: number | undefined;
}

/** A sample for each value that is there, also when it is 0. */
function valuesOf(source: Named | OfResource, values: Values): MetricValue[] {
  const { value, averageValue, averageUtilization } = values;
  const name = "metric" in source ? source.metric.name : source.name;
  const container = "container" in source ? (source.container ?? "") : "";
  const found: MetricValue[] = [];
  if (value !== undefined)
    found.push({ name, container, type: "value", value: milliPrecise(value) });
  if (averageValue !== undefined)
    found.push({ name, container, type: "average", value: milliPrecise(averageValue) });
  if (averageUtilization !== undefined)
    found.push({ name, container, type: "utilization", value: averageUtilization });
  return found;
}
