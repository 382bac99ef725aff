import { expect, test } from "vitest";
import { readConfiguration, type ConfigurationSource } from "./configuration.ts";

const read = (...texts: string[]) =>
  readConfiguration(texts.map((text, at): ConfigurationSource => ({ name: `c${at}.yaml`, text })));

/** The lines of the error, without the sentence before the first. */
function faultsOf(...texts: string[]): string[] {
  const error = thrownBy(() => read(...texts));
  expect(error).toMatchObject({
    code: "CUSTOM_RESOURCE_CONFIG_INVALID",
    message: expect.stringMatching(/^failed to parse Custom Resource State metrics: /),
  });
  return (error as Error).message.replace(/^[^:]*: /, "").split("\n");
}

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

const metric = (body: string): string => `spec:
  resources:
    - groupVersionKind: {group: a.example, version: v1, kind: Ship}
      metrics:
        - ${body}
`;
const gauge = (members: string): string =>
  metric(`{name: v, each: {type: Gauge, gauge: {${members}}}}`);
const info = (members: string): string =>
  metric(`{name: v_info, each: {type: Info, info: {${members}}}}`);
const at = "spec.resources[0].metrics[0]";

/** Where a text is marked with «, as messages show it, and the text without the mark. */
function marked(text: string): { text: string; position: string } {
  const before = text.slice(0, text.indexOf("«")).split("\n");
  return {
    text: text.replace("«", ""),
    position: `c0.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: `,
  };
}

const lookup = "a list lookup has the form [key=value] and this is";
const noLabel = "is no label name: letters, digits and _ make one, and no digit comes first";

test.each([
  ["«", "there is no YAML document in it"],
  ["«# nothing\n", "there is no YAML document in it"],
  ["«[]", "should be a mapping and is a list"],
  ["«text", "should be a mapping and is a scalar"],
  ["spec: «text", "spec: should be a mapping and is a scalar"],
  ["spec:\n  resources: «{a: b}", "spec.resources: should be a list and is a mapping"],
  ["spec:\n  resources:\n    - «text", "spec.resources[0]: should be a mapping and is a scalar"],
  [gauge("path: «spec"), `${at}.each.gauge.path: should be a list and is a scalar`],
  [gauge("path: [«[a]]"), `${at}.each.gauge.path[0]: should be a text and is a list`],
  [gauge('path: [a, «"[b]"]'), `${at}.each.gauge.path[1]: ${lookup} [b]`],
  [gauge('path: [a], valueFrom: [«"[]"]'), `${at}.each.gauge.valueFrom[0]: ${lookup} []`],
  [
    gauge("nilIsZero: «maybe"),
    `${at}.each.gauge.nilIsZero: should be true or false and is "maybe"`,
  ],
  [
    metric("{name: v, errorLogV: «3000000000, each: {type: Gauge, gauge: {}}}"),
    `${at}.errorLogV: should be an integer of 32 bits and is "3000000000"`,
  ],
  [
    metric("{name: v, each: {type: «Counter, gauge: {}}}"),
    `${at}.each.type: should be Gauge, Info or StateSet and is "Counter"`,
  ],
  [metric("«{name: v}"), `${at}.each.type: should be Gauge, Info or StateSet and is ""`],
  [
    metric("{name: v_info, each: «{type: Info, gauge: {}}}"),
    `${at}.each.info: is missing and needed for the type Info`,
  ],
  [
    metric("{name: «v-x, each: {type: Gauge, gauge: {}}}"),
    `${at}.name: "kube_customresource_v-x" is no metric name: letters, digits, _ and : make one, and no digit comes first`,
  ],
  [
    metric("{name: v, commonLabels: {a-b: «c}, each: {type: Gauge, gauge: {}}}"),
    `${at}.commonLabels["a-b"]: "a-b" ${noLabel}`,
  ],
  [info("labelsFromPath: {1st: «[a]}"), `${at}.each.info.labelsFromPath["1st"]: "1st" ${noLabel}`],
  [info('labelsFromPath: {"": «[a]}'), `${at}.each.info.labelsFromPath[""]: "" ${noLabel}`],
  [
    info('labelsFromPath: {"1*": «[a]}'),
    `${at}.each.info.labelsFromPath["1*"]: labels whose names begin with "1" make an exposition that nobody can read`,
  ],
  [info("labelFromKey: «é"), `${at}.each.info.labelFromKey: "é" ${noLabel}`],
  [
    metric("{name: v, each: {type: StateSet, stateSet: «{list: [a]}}}"),
    `${at}.each.stateSet.labelName: is missing: each state would be a label without a name`,
  ],
])("%j is refused with file, position, path and reason", (text, reason) => {
  const { text: plain, position } = marked(text);
  expect(faultsOf(plain)).toEqual([position + reason]);
});

test("what is no YAML is refused where it breaks", () => {
  expect(faultsOf("spec:\n  - a\n b: [")).toEqual([
    expect.stringMatching(/^c0\.yaml:3:\d+: not YAML: ./),
  ]);
});

test("a key that stands there twice is a fault", () => {
  expect(faultsOf("spec: {}\nkind: a\nspec: {}\n")).toEqual([
    "c0.yaml:1:1: the key spec stands there more than once",
  ]);
});

test("everything that is wrong is told at once, in every source", () => {
  const twice = metric("{name: 'a b', each: {type: x}}");
  expect(faultsOf(twice, gauge("path: a"), "{}")).toEqual([
    expect.stringContaining(`c0.yaml:5:18: ${at}.name: `),
    expect.stringContaining(`c0.yaml:5:38: ${at}.each.type: `),
    expect.stringContaining(`c1.yaml:5:55: ${at}.each.gauge.path: `),
  ]);
});

test.each([
  "{}",
  "null",
  "~",
  "---\n...\n",
  "spec:",
  "spec: {resources: }",
  "kind: X\napiVersion: y",
])("%j is a configuration without resources", (text) => {
  expect(read(text)).toEqual({ resources: [], warnings: [] });
});

test("only the first document of a text counts", () => {
  expect(read(`${gauge("path: [a]")}---\n${gauge("path: b")}`).resources).toHaveLength(1);
});

test("several sources are one configuration, in their order", () => {
  const second = gauge("path: [b]").replace("a.example", "b.example");
  const { resources } = read(gauge("path: [a]"), second);
  expect(resources.map(({ group, where }) => [group, where])).toEqual([
    ["a.example", "c0.yaml: spec.resources[0]"],
    ["b.example", "c1.yaml: spec.resources[0]"],
  ]);
});

test("scalars keep the text they are written with where a text is wanted", () => {
  const [resource] = read(`spec:
  resources:
    - groupVersionKind: {group: a.example, version: 1, kind: true}
      metrics:
        - name: 0x10
          commonLabels: {a: yes, b: 1.50, c: null, d: "~"}
          each: {type: GAUGE, gauge: {path: [spec, order, 0, null]}}
`).resources;
  expect(resource).toMatchObject({ version: "1", kind: "true" });
  const [plan] = resource!.metrics;
  expect(plan!.name).toBe("kube_customresource_0x10");
  expect([...plan!.metricLabels]).toEqual([
    ["a", "yes"],
    ["b", "1.50"],
    ["c", ""],
    ["d", "~"],
  ]);
  expect(plan!.each.path.steps).toEqual(["spec", "order", "0"]);
});

test.each([
  ["", "kube_customresource_v"],
  ["metricNamePrefix: null", "kube_customresource_v"],
  ['metricNamePrefix: ""', "v"],
  ["metricNamePrefix: ship", "ship_v"],
])("with %j the metric is %s", (prefix, name) => {
  const text = gauge("path: []").replace("metrics:", `${prefix}\n      metrics:`);
  expect(read(text).resources[0]!.metrics[0]!.name).toBe(name);
});

test.each(["y", "Yes", "on", "TRUE", "true"])("nilIsZero takes %s", (word) => {
  const [resource] = read(gauge(`nilIsZero: ${word}`)).resources;
  expect(resource!.metrics[0]!.each).toMatchObject({ nilIsZero: true });
});

test("a metric's errorLogV counts unless it is 0", () => {
  const text = (own: number): string =>
    metric(`{name: v, errorLogV: ${own}, each: {type: Gauge, gauge: {}}}`).replace(
      "metrics:",
      "errorLogV: 3\n      metrics:",
    );
  const verbosity = (own: number) => read(text(own)).resources[0]!.metrics[0]!.errorLogV;
  expect([verbosity(0), verbosity(5)]).toEqual([3, 5]);
});

test("anchors, aliases and merge keys work", () => {
  const { resources } = read(`spec:
  resources:
    - groupVersionKind: &kind {group: a.example, version: v1, kind: Ship}
      metrics:
        - &metric
          name: a
          each: {type: Gauge, gauge: {path: &path [spec, a]}}
        - {<<: *metric, name: b}
    - {groupVersionKind: {<<: *kind, version: v2}, metrics: [{name: c, each: {type: Gauge, gauge: {path: *path}}}]}
`);
  expect(resources.map(({ version }) => version)).toEqual(["v1", "v2"]);
  expect(resources[0]!.metrics.map(({ name }) => name)).toEqual([
    "kube_customresource_a",
    "kube_customresource_b",
  ]);
  expect(resources[1]!.metrics[0]!.each.path.text).toBe("[spec,a]");
});

test("aliases of aliases that mean more values than anybody wants are refused", () => {
  const levels = Array.from(
    { length: 30 },
    (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`,
  );
  expect(faultsOf(["l0: &l0 [a]", ...levels].join("\n"))).toEqual([
    "c0.yaml:1:1: it has too many values",
  ]);
});

test("keys that are not known have no effect, and are told, as is an Info metric with another name", () => {
  const text = metric("{name: v, each: {type: Info, info: {value: [a]}, extra: 1}}");
  const { warnings } = read(text);
  expect(warnings).toEqual([
    `c0.yaml:5:67: ${at}.each.extra: has no effect: the keys known here are type, gauge, info, stateSet`,
    `c0.yaml:5:54: ${at}.each.info.value: has no effect: the keys known here are path, labelsFromPath, labelFromKey`,
    `c0.yaml:5:18: ${at}.name: kube_customresource_v is of type Info and does not end in _info`,
  ]);
});

test("resources that say the same have one fingerprint, wherever they stand", () => {
  const flow = gauge("path: [spec, a]");
  const block = `# the same\n${flow.replace("{path: [spec, a]}", '{path: ["spec", a]}')}`;
  const [one] = read(flow).resources;
  expect(read(block).resources[0]!.fingerprint).toBe(one!.fingerprint);
  expect(read(gauge("path: [spec, b]")).resources[0]!.fingerprint).not.toBe(one!.fingerprint);
});
