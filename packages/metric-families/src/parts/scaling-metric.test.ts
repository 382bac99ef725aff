import { decodeJson, horizontalPodAutoscaler } from "@kube-state-mosaic/wire";
import { expect, test } from "vitest";
import { currentValues, targetValues } from "./scaling-metric.ts";

function autoscaler(metric: object) {
  return decodeJson(horizontalPodAutoscaler, {
    spec: { metrics: [metric] },
    status: { currentMetrics: [metric] },
  });
}

test.each(["Object", "Pods", "External", "Resource", "ContainerResource", "Unknown", ""])(
  "a metric of type %j without its source gives nothing, where the reference crashes",
  (type) => {
    const { spec, status } = autoscaler({ type });
    expect(targetValues(spec.metrics)).toEqual([]);
    expect(currentValues(status.currentMetrics)).toEqual([]);
  },
);

test("a metric gives the values that are there, also those that are 0", () => {
  const target = { value: "0", averageValue: "1500m", averageUtilization: 0 };
  const { spec } = autoscaler({ type: "Pods", pods: { metric: { name: "rate" }, target } });
  expect(targetValues(spec.metrics)).toEqual([
    { name: "rate", container: "", type: "value", value: 0 },
    { name: "rate", container: "", type: "average", value: 1.5 },
    { name: "rate", container: "", type: "utilization", value: 0 },
  ]);
});

test("only the source that the type names counts", () => {
  const target = { averageUtilization: 80 };
  const { spec } = autoscaler({
    type: "ContainerResource",
    resource: { name: "memory", target },
    containerResource: { name: "cpu", container: "web", target },
  });
  expect(targetValues(spec.metrics)).toEqual([
    { name: "cpu", container: "web", type: "utilization", value: 80 },
  ]);
});
