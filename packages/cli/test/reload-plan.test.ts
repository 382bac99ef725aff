import { parseOptions, type Options } from "@kube-state-mosaic/options";
import { expect, test } from "vitest";
import { isEmpty, planReload } from "../src/reload-plan.ts";

function options(...argv: string[]): Options {
  const parsed = parseOptions({
    argv: ["--config=c.yaml", ...argv],
    env: {},
    readFile: () => "",
    version: "v0",
    knownResources: ["nodes", "pods", "services"],
    defaultResources: ["nodes", "pods"],
  });
  if (parsed.kind !== "run") throw new Error(JSON.stringify(parsed));
  return parsed.options;
}

const nothing = {
  added: [],
  removed: [],
  exposure: false,
  customResources: false,
  logging: false,
  needsRestart: [],
};

test.each<[argv: string[], plan: Partial<typeof nothing> | Record<string, unknown>]>([
  [[], {}],
  [["--resources=pods,nodes"], {}],
  [["--resources=pods"], { removed: ["nodes"] }],
  [["--resources=pods,services"], { added: ["services"], removed: ["nodes"] }],
  [["--custom-resource-state-only"], { removed: ["nodes", "pods"] }],
  [["--namespaces=a"], { exposure: true }],
  [["--namespaces-denylist=a"], { exposure: true }],
  [["--resources=pods", "--node=n"], { removed: ["nodes"], exposure: true }],
  [["--metric-allowlist=kube_pod"], { exposure: true }],
  [["--metric-denylist=kube_pod"], { exposure: true }],
  [["--metric-opt-in-list=kube_pod"], { exposure: true }],
  [["--metric-labels-allowlist=pods=[app]"], { exposure: true }],
  [["--metric-annotations-allowlist=pods=[app]"], { exposure: true }],
  [["--custom-resource-state-config=spec: {}"], { customResources: true }],
  [["--custom-resource-state-config-file=a"], { customResources: true }],
  [["--log-level=debug"], { logging: true }],
  [["--v=4"], { logging: true }],
  [["--port=1"], { needsRestart: ["--port"] }],
  [["--kubeconfig=other"], { needsRestart: ["--kubeconfig"] }],
  [["--shard=1", "--total-shards=2"], { needsRestart: ["--shard", "--total-shards"] }],
  [["--object-limit=5", "--log-level=warn"], { logging: true, needsRestart: ["--object-limit"] }],
  [["--continue-without-config"], {}],
])("%j in place of nothing: only what it concerns has to be done", (argv, wanted) => {
  const before = options();
  const { options: after, ...plan } = planReload(before, options(...argv));
  const { needsRestart, ...work } = plan;
  expect({ ...work, needsRestart: needsRestart.toSorted() }).toEqual({ ...nothing, ...wanted });
  expect(isEmpty({ ...plan, options: after })).toBe(
    Object.keys(wanted).every((key) => key === "needsRestart"),
  );
  // The way back is the same work.
  const back = planReload(after, before);
  expect([back.added, back.removed]).toEqual([plan.removed, plan.added]);
  expect(back.exposure).toBe(plan.exposure);
  expect(back.needsRestart).toEqual([]);
});

test("what is in force afterwards is the new for what can change, and the old for what cannot", () => {
  const after = options("--port=1", "--metric-denylist=kube_node_", "--namespaces=a");
  const plan = planReload(options("--port=2"), after);
  expect(plan.options.port).toBe(2);
  expect(plan.options.namespaces).toEqual(["a"]);
  expect(plan.options.metricFilter("kube_node_info", false)).toBe(false);
  expect(Object.isFrozen(plan.options)).toBe(true);
});
