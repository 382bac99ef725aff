import { readFileSync } from "node:fs";
import {
  customResource,
  readConfiguration,
  resolve,
} from "@kube-state-mosaic/custom-resource-state";
import { renderer } from "@kube-state-mosaic/metric-families";
import { expect, test } from "vitest";

const file = "deploy/custom-resource-state/verticalpodautoscaler.yaml";
const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

const object = {
  apiVersion: "autoscaling.k8s.io/v1",
  kind: "VerticalPodAutoscaler",
  metadata: {
    name: "hamster-vpa",
    namespace: "zoo",
    labels: { "app.kubernetes.io/name": "hamster" },
  },
  spec: {
    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "hamster" },
    updatePolicy: { updateMode: "Off" },
    resourcePolicy: {
      containerPolicies: [
        {
          containerName: "*",
          minAllowed: { cpu: "100m", memory: "50Mi" },
          maxAllowed: { cpu: 1, memory: "500Mi" },
        },
      ],
    },
  },
  status: {
    recommendation: {
      containerRecommendations: [
        {
          containerName: "hamster",
          lowerBound: { cpu: "109m", memory: "262144k" },
          target: { cpu: "250m", memory: "262144k" },
          uncappedTarget: { cpu: "250m", memory: "262144k" },
          upperBound: { cpu: "2", memory: "1Gi" },
        },
        { containerName: "sidecar", target: { cpu: "25m" } },
      ],
    },
  },
};

const custom =
  'customresource_group="autoscaling.k8s.io",customresource_kind="VerticalPodAutoscaler",customresource_version="v1"';
const target = 'target_api_version="apps/v1",target_kind="Deployment",target_name="hamster"';
const own = 'verticalpodautoscaler="hamster-vpa"';

const amount = (name: string, container: string, cpuOrMemory: readonly (string | undefined)[]) =>
  (["cpu", "memory"] as const).flatMap((resource, at) => {
    const value = cpuOrMemory[at];
    const unit = resource === "cpu" ? "core" : "byte";
    const labels = `container="${container}",${custom},namespace="zoo",resource="${resource}",${target},unit="${unit}",${own}`;
    return value === undefined ? [] : [`kube_verticalpodautoscaler_${name}{${labels}} ${value}`];
  });
const policy = "spec_resourcepolicy_container_policies";
const recommendation = "status_recommendation_containerrecommendations";

function render(value: object): string[] {
  const { resources, warnings } = readConfiguration([{ name: file, text }]);
  expect(warnings.map((line) => line.replace(/^.*?: /, ""))).toEqual([
    "spec.resources[0].metrics[0].name: kube_verticalpodautoscaler_labels is of type Info and does not end in _info",
  ]);
  const kind = {
    group: "autoscaling.k8s.io",
    version: "v1",
    kind: "VerticalPodAutoscaler",
    plural: "verticalpodautoscalers",
    namespaced: true,
  };
  const { matches } = resolve({ resources, warnings }, [kind]);
  const match = matches.get("autoscaling.k8s.io/v1, Resource=verticalpodautoscalers");
  const resource = customResource(match!.configured, kind, () => undefined);
  const config = { labelsAllowList: [], annotationsAllowList: [] };
  const texts = renderer(resource, config, () => true).render(value as never);
  return texts.join("").split("\n").slice(0, -1);
}

test("a VerticalPodAutoscaler has the samples it had in kube-state-metrics", () => {
  expect(render(object)).toEqual([
    `kube_verticalpodautoscaler_labels{${custom},label_app_kubernetes_io_name="hamster",namespace="zoo",${target},${own}} 1`,
    ...["Auto", "InPlaceOrRecreate", "Initial", "Off", "Recreate"].map(
      (mode) =>
        `kube_verticalpodautoscaler_spec_updatepolicy_updatemode{${custom},namespace="zoo",${target},update_mode="${mode}",${own}} ${mode === "Off" ? 1 : 0}`,
    ),
    ...amount(`${policy}_minallowed`, "*", ["0.1", "5.24288e+07"]),
    ...amount(`${policy}_maxallowed`, "*", ["1", "5.24288e+08"]),
    ...amount(`${recommendation}_lowerbound`, "hamster", ["0.109", "2.62144e+08"]),
    ...amount(`${recommendation}_target`, "hamster", ["0.25"]),
    ...amount(`${recommendation}_target`, "sidecar", ["0.025"]),
    ...amount(`${recommendation}_target`, "hamster", [undefined, "2.62144e+08"]),
    ...amount(`${recommendation}_uncappedtarget`, "hamster", ["0.25", "2.62144e+08"]),
    ...amount(`${recommendation}_upperbound`, "hamster", ["2", "1.073741824e+09"]),
  ]);
});

test("one that recommends nothing yet has only what is said about it", () => {
  const { status: _none, ...fresh } = object;
  const names = render(fresh).map((line) => line.slice(0, line.indexOf("{")));
  expect([...new Set(names)]).toEqual([
    "kube_verticalpodautoscaler_labels",
    "kube_verticalpodautoscaler_spec_updatepolicy_updatemode",
    `kube_verticalpodautoscaler_${policy}_minallowed`,
    `kube_verticalpodautoscaler_${policy}_maxallowed`,
  ]);
});
