import { readFileSync } from "node:fs";
import { familyHeader } from "@kube-state-mosaic/exposition";
import type { JsonObject } from "@kube-state-mosaic/wire";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { readConfiguration } from "./configuration.ts";
import { customResource, type ValueError } from "./custom-resource.ts";
import { readDefinition } from "./definition.ts";
import { sortedPairs } from "./labels.ts";
import { resolve } from "./resolve.ts";
import { compileEach } from "./samples.ts";

const file = (name: string): string =>
  readFileSync(new URL(`../testdata/${name}`, import.meta.url), "utf8");

const objects = parse(file("widgets.objects.yaml")) as readonly JsonObject[];
const definition = {
  spec: {
    group: "factory.example",
    names: { kind: "Widget", plural: "widgets" },
    scope: "Namespaced",
    versions: [
      { name: "v1", served: true },
      { name: "v1beta1", served: false },
    ],
  },
};

/** The exposition of the objects, and the errors on the way. */
function expose(format: "text" | "openmetrics") {
  const text = file("widgets.config.yaml");
  const configuration = readConfiguration([{ name: "widgets.yaml", text }]);
  const { matches } = resolve(configuration, readDefinition(definition).kinds);
  expect([...matches.keys()]).toEqual(["factory.example/v1, Resource=widgets"]);
  const [match] = matches.values();
  const errors: ValueError[] = [];
  const resource = customResource(match!.configured, match!.kind, (error) => errors.push(error));
  expect(resource.path).toBe("/apis/factory.example/v1/widgets");
  const families = resource.families({ labelsAllowList: [], annotationsAllowList: [] });
  const exposition = families
    .map((family) =>
      [familyHeader(family, format), ...objects.map((object) => family.render(object, ""))].join(
        "",
      ),
    )
    .join("");
  return { exposition, errors, warnings: configuration.warnings };
}

test("the worked example of the specification gives its exposition", () => {
  const { exposition, warnings } = expose("text");
  expect(exposition).toBe(file("widgets.prom"));
  expect(warnings).toEqual([]);
});

test("in OpenMetrics only the types differ", () => {
  const types = (text: string) => text.match(/^# TYPE .*$/gm);
  const lines = (text: string) => text.replaceAll(/^# TYPE .*$/gm, "");
  const { exposition } = expose("openmetrics");
  expect(lines(exposition)).toBe(lines(file("widgets.prom")));
  expect(types(exposition)?.filter((type) => !type.endsWith(" gauge"))).toEqual([
    "# TYPE widget_info info",
    "# TYPE widget_peer_info info",
    "# TYPE widget_labels_info info",
    "# TYPE widget_status_phase stateset",
  ]);
});

test("each value that cannot be had is one error, with the metric, the object and the configured verbosity", () => {
  const { errors } = expose("text");
  expect(new Set(errors.map(({ errorLogV }) => errorLogV))).toEqual(new Set([2]));
  const shown = errors.map(
    ({ metric, namespace, name, message }) => `${namespace}/${name} ${metric} ${message}`,
  );
  const nil = "got nil while resolving path";
  expect(shown).toEqual([
    `plant-b/press-9 widget_spec_threshold [spec,threshold]: ${nil}`,
    `plant-b/press-9 widget_spec_limit [spec,limits]: ${nil}`,
    'plant-a/press-1 widget_status_condition [status,conditions]: [2]: [status]: "maybe" is no number, time, quantity or percentage',
    `plant-b/press-9 widget_status_condition [status,conditions]: ${nil}`,
    `plant-b/press-9 widget_status_ready_since [status,conditions,[type=Ready],lastTransitionTime]: ${nil}`,
    `plant-b/press-9 widget_status_pool_ready [status,pools]: ${nil}`,
    `plant-a/press-1 widget_status_missing [status,missing]: ${nil}`,
    `plant-b/press-9 widget_status_missing [status,missing]: ${nil}`,
  ]);
});

const zoned = [
  '{pool="dry",zone="d1"} 1',
  '{pool="east",zone="e1"} 1',
  '{pool="west",zone="w1"} 1',
];

test.each<[type: string, settings: string, samples: string[], errors: number]>([
  ["gauge", "path: [spec, limits]", ["{} 1.5", "{} 2147483648"], 0],
  [
    "gauge",
    "path: [status, pools], valueFrom: [ready], nilIsZero: true, labelFromKey: pool",
    ['{pool="dry"} 0', '{pool="east"} 2500000', '{pool="west"} 12'],
    0,
  ],
  ["gauge", "path: [status, pools], labelFromKey: pool", [], 0],
  [
    "gauge",
    "path: [status, conditions], valueFrom: [lastTransitionTime], labelsFromPath: {type: [type]}",
    ['{type="Ready"} 1714557600', '{type="Stalled"} 1714557900'],
    0,
  ],
  [
    "gauge",
    "path: [status, conditions], valueFrom: [lastTransitionTime], nilIsZero: true, labelsFromPath: {type: [type]}",
    [
      '{type="Bare"} 0',
      '{type="Odd"} 0',
      '{type="Ready"} 1714557600',
      '{type="Stalled"} 1714557900',
    ],
    0,
  ],
  ["gauge", 'path: [status, conditions, "[status=no]", status]', ["{} 0"], 0],
  ["gauge", "path: [spec, replicas], valueFrom: [count]", [], 0],
  ["gauge", "path: [metadata], valueFrom: [uid]", [], 1],
  ["gauge", "path: [spec, segments], labelsFromPath: {s: []}", ['{s="7"} 7'], 2],
  [
    "gauge",
    "path: [status, pools, west], valueFrom: [ready], labelFromKey: key, labelsFromPath: {zone: [zone]}",
    ['{key="ready",zone="w1"} 12'],
    0,
  ],
  ["info", "path: [status, pools], labelFromKey: pool, labelsFromPath: {zone: [zone]}", zoned, 0],
  [
    "info",
    "path: [status, pools], labelsFromPath: {west_zone: [west, zone]}",
    ['{west_zone="w1"} 1'],
    0,
  ],
  ["info", "path: [spec, peers], labelFromKey: peer", [], 0],
  ["info", "path: [spec, version]", [], 0],
  [
    "info",
    'path: [metadata, labels], labelsFromPath: {"*": []}',
    ['{app_kubernetes_io_name="press",tier="gold"} 1'],
    0,
  ],
  [
    "info",
    'path: [metadata, labels], labelsFromPath: {"**": []}',
    ['{_app_kubernetes_io_name="press",_tier="gold"} 1'],
    0,
  ],
  [
    "info",
    'path: [status, conditions, "0"], labelsFromPath: {all: []}',
    [
      '{all="2024-05-01T10:05:00Z"} 1',
      '{all="Stalled"} 1',
      '{all="Unknown"} 1',
      '{all="map[lastTransitionTime:2024-05-01T10:05:00Z status:Unknown type:Stalled]"} 1',
    ],
    0,
  ],
  [
    "info",
    'path: [spec, segments], labelsFromPath: {"first.seg": []}',
    ['{first_seg="7"} 1', '{first_seg="forge"} 1', '{first_seg="intake"} 1'],
    0,
  ],
  // A key of the mapping that is also a label of every value.
  [
    "info",
    "path: [status, pools], labelFromKey: zone, labelsFromPath: {zone: [west, zone]}",
    ['{zone="dry"} 1', '{zone="east"} 1', '{zone="w1"} 1', '{zone="west"} 1'],
    1,
  ],
  [
    "stateSet",
    "path: [status, conditions], valueFrom: [type], labelName: type, list: [Ready, Stalled], labelsFromPath: {status: [status]}",
    [
      '{status="True",type="Ready"} 1',
      '{status="True",type="Stalled"} 0',
      '{status="Unknown",type="Ready"} 0',
      '{status="Unknown",type="Stalled"} 1',
      '{status="maybe",type="Ready"} 0',
      '{status="maybe",type="Stalled"} 0',
      '{type="Ready"} 0',
      '{type="Stalled"} 0',
    ],
    0,
  ],
  [
    "stateSet",
    "path: [status, phase], labelName: phase, list: [running]",
    ['{phase="running"} 0'],
    0,
  ],
  ["stateSet", 'path: [spec, replicas], labelName: n, list: ["3"]', [], 1],
])("%s {%s} gives %j and %i errors", (...[type, settings, wanted, errorCount]) => {
  const each = `{type: ${type}, ${type}: {${settings}}}`;
  const text = `spec: {resources: [{groupVersionKind: {group: g}, metrics: [{name: x_info, each: ${each}}]}]}`;
  const [configured] = readConfiguration([{ name: "crs", text }]).resources;
  const errors: string[] = [];
  const samples = compileEach(configured!.metrics[0]!.each)(objects[0], (error) =>
    errors.push(error),
  );
  const lines = samples.map(({ labels, value }) => {
    const pairs = sortedPairs(labels).map(([name, label]) => `${name}="${label}"`);
    return `{${pairs.join()}} ${value}`;
  });
  expect(lines).toEqual(wanted);
  expect(errors).toHaveLength(errorCount);
});

test("a copied key that begins with a digit gets an underscore, as the exposition could not be read otherwise", () => {
  const text = `spec: {resources: [{groupVersionKind: {group: g}, metrics: [{name: x_info, each: {type: Info, info: {path: [metadata, labels], labelsFromPath: {"*": []}}}}]}]}`;
  const [configured] = readConfiguration([{ name: "crs", text }]).resources;
  const object = { metadata: { labels: { "0_app": "a", "": "b" } } };
  const [sample] = compileEach(configured!.metrics[0]!.each)(object, () => undefined);
  expect(sortedPairs(sample!.labels)).toEqual([
    ["_", "b"],
    ["_0_app", "a"],
  ]);
});
