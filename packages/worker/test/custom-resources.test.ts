import { readConfiguration, type Configuration } from "@kube-state-mosaic/custom-resource-state";
import {
  startFakeKubernetes,
  type FakeKubernetes,
  type KubernetesObject,
} from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import {
  createLogger,
  createTelemetry,
  customResourceMetrics,
  referenceMetrics,
  type Telemetry,
} from "@kube-state-mosaic/telemetry";
import { expect, test } from "vitest";
import { CustomResources, type CustomResourceHost } from "../src/custom-resources.ts";
import { startWorker, until, type Fixture } from "./fixture.ts";

const ships = { group: "fleet.example", version: "v1", name: "ships", kind: "Ship" };
const docks = { group: "fleet.example", version: "v1", name: "docks", kind: "Dock" };

/** One metric of the kind's `spec.size`, of any version. */
const item = (kind: string, metric = "size"): object => ({
  groupVersionKind: { group: "fleet.example", version: "*", kind },
  metricNamePrefix: kind.toLowerCase(),
  labelsFromPath: { name: ["metadata", "name"] },
  metrics: [
    { name: metric, help: "h", each: { type: "Gauge", gauge: { path: ["spec", "size"] } } },
  ],
});
const configured = (...resources: object[]): Configuration =>
  readConfiguration([{ name: "crs", text: JSON.stringify({ spec: { resources } }) }]);

interface Following extends AsyncDisposable {
  readonly custom: CustomResources;
  readonly lines: string[];
  readonly telemetry: Telemetry;
}

/** Custom resources of an API server, exposed by `host`. */
async function follow(
  server: FakeKubernetes,
  host: CustomResourceHost,
  configuration: Configuration,
): Promise<Following> {
  const client = new ApiClient({
    cluster: await loadCluster({ apiserver: server.url, environment: {} }),
  });
  const telemetry = createTelemetry();
  const lines: string[] = [];
  const custom = new CustomResources(configuration, {
    host,
    client,
    logger: createLogger({
      format: "text",
      level: "debug",
      destination: { write: (line) => lines.push(line) },
    }),
    metrics: customResourceMetrics(telemetry),
    reference: referenceMetrics(telemetry),
    verbosity: 0,
    startJitterMs: 0,
  });
  const stopping = new AbortController();
  const running = custom.run(stopping.signal);
  return {
    custom,
    lines,
    telemetry,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await client.close();
    },
  };
}

/** A host that writes down what it is told. */
function notebook(): CustomResourceHost & { readonly notes: string[] } {
  const notes: string[] = [];
  const short = (name: string): string => name.replace(/^fleet\.example\/(.*), Resource=/, "$1 ");
  return {
    notes,
    add: ({ name }) => void notes.push(`add ${short(name)}`),
    addBeside: ({ name }, instead) =>
      void notes.push(`beside ${[name, ...instead].map(short).join(" for ")}`),
    remove: async (name) => void notes.push(`remove ${short(name)}`),
  };
}

const versions = (definition: typeof ships, ...served: string[]): KubernetesObject => ({
  metadata: { name: `${definition.name}.${definition.group}` },
  spec: {
    group: definition.group,
    scope: "Namespaced",
    names: { plural: definition.name, kind: definition.kind },
    versions: served.map((name) => ({ name, served: true })),
  },
  status: { conditions: [{ type: "Established", status: "True" }] },
});

test("what is there at first holds up the start, what comes later stands beside, what goes is taken away", async () => {
  await using server = await startFakeKubernetes();
  server.registerCustomResource(ships);
  const host = notebook();
  await using following = await follow(server, host, configured(item("Ship"), item("Dock")));
  expect(following.custom.waiting).toEqual(["customresourcedefinitions"]);
  await until(() => host.notes.length === 1);
  await until(() => following.custom.waiting.length === 0);
  server.registerCustomResource(docks);
  await until(() => host.notes.length === 2);
  server.put("customresourcedefinitions", versions(ships, "v2"));
  await until(() => host.notes.length === 3);
  server.put("customresourcedefinitions", versions(ships, "v2", "v3"));
  await until(() => host.notes.length === 4);
  server.delete("customresourcedefinitions", { name: "docks.fleet.example" });
  await until(() => host.notes.length === 5);
  expect(host.notes).toEqual([
    "add v1 ships",
    "beside v1 docks",
    "beside v2 ships for v1 ships",
    "beside v3 ships",
    "remove v1 docks",
  ]);
});

test("a change of a definition that changes no kind touches nothing, and is counted", async () => {
  await using server = await startFakeKubernetes();
  server.registerCustomResource(ships);
  const host = notebook();
  await using following = await follow(server, host, configured(item("Ship")));
  await until(() => host.notes.length === 1);
  const count = async (what: string): Promise<string | undefined> =>
    (await following.telemetry.text()).split("\n").find((line) => line.startsWith(what));
  const name = "kube_state_metrics_custom_resource_state";
  const changed = versions(ships, "v1");
  server.put("customresourcedefinitions", {
    ...changed,
    metadata: { name: "ships.fleet.example", labels: { a: "b" } },
  });
  await until(
    async () => (await count(`${name}_update_events_total`)) === `${name}_update_events_total 1`,
  );
  expect(await count(`${name}_add_events_total`)).toBe(`${name}_add_events_total 1`);
  expect(await count(`${name}_delete_events_total`)).toBe(`${name}_delete_events_total 0`);
  expect(await count(`${name}_cache`)).toBe(`${name}_cache 1`);
  expect(host.notes).toEqual(["add v1 ships"]);
});

test("a definition counts once it is established", async () => {
  await using server = await startFakeKubernetes();
  const { status: _none, ...fresh } = versions(ships, "v1");
  server.put("customresourcedefinitions", fresh);
  const host = notebook();
  await using following = await follow(server, host, configured(item("Ship")));
  await until(() => following.custom.waiting.length === 0);
  expect(host.notes).toEqual([]);
  server.put("customresourcedefinitions", versions(ships, "v1"));
  await until(() => host.notes.length === 1);
  expect(host.notes).toEqual(["beside v1 ships"]);
});

test("another configuration replaces what it changes and leaves the rest", async () => {
  await using server = await startFakeKubernetes();
  server.registerCustomResource(ships);
  server.registerCustomResource(docks);
  const host = notebook();
  await using following = await follow(server, host, configured(item("Ship"), item("Dock")));
  await until(() => host.notes.length === 2);
  host.notes.length = 0;
  following.custom.configure(configured(item("Dock"), item("Ship")));
  expect(host.notes).toEqual([]);
  following.custom.configure(configured(item("Dock"), item("Ship", "length")));
  expect(host.notes).toEqual(["beside v1 ships"]);
  following.custom.configure(configured(item("Dock")));
  expect(host.notes).toEqual(["beside v1 ships", "remove v1 ships"]);
});

test("what names nothing, and what a later item hides, is said once", async () => {
  await using server = await startFakeKubernetes();
  server.registerCustomResource(ships);
  const host = notebook();
  const configuration = configured(item("Ship"), item("Ship", "length"), item("Dock"));
  await using following = await follow(server, host, configuration);
  const said = (text: string) => following.lines.filter((line) => line.includes(text));
  await until(() => said("waiting for it").length > 0);
  following.custom.configure(configuration);
  expect(said("waiting for it")).toEqual([expect.stringContaining("crs: spec.resources[2]")]);
  expect(said("have no effect")).toEqual([expect.stringContaining("crs: spec.resources[0]")]);
  server.registerCustomResource(docks);
  await until(() => host.notes.length === 2);
  server.delete("customresourcedefinitions", { name: "docks.fleet.example" });
  await until(() => said("waiting for it").length === 2);
});

test("a server that refuses the definitions holds nothing up", async () => {
  await using server = await startFakeKubernetes();
  const refusal = { kind: "status", code: 403, reason: "Forbidden" } as const;
  server.faults.on({ path: /customresourcedefinitions/, times: Infinity }, refusal);
  const host = notebook();
  await using following = await follow(server, host, configured(item("Ship")));
  await until(() => following.custom.waiting.length === 0);
  expect(host.notes).toEqual([]);
});

const size = (name: string, value: number): KubernetesObject => ({
  metadata: { name, namespace: "default" },
  spec: { size: value },
});
const samplesOf = async ({ scrape }: Pick<Fixture, "scrape">): Promise<string[]> =>
  (await scrape("/metrics?exclude_resources=namespaces"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/customresource_group.*customresource_version=/, "v="));

test("a worker shows the old samples until the new ones are whole", async () => {
  await using server = await startFakeKubernetes();
  server.registerCustomResource(ships);
  server.create("ships", size("aurora", 3));
  await using fixture = await startWorker({ names: ["namespaces"] }, server);
  await using following = await follow(server, fixture.worker, configured(item("Ship")));
  fixture.worker.awaits(following.custom);
  expect(fixture.worker.readiness().waiting).toContain("customresourcedefinitions");
  await fixture.ready();
  expect(await samplesOf(fixture)).toEqual(['ship_size{v="v1",name="aurora"} 3']);
  const listed = async () =>
    (await fixture.telemetry.text()).split("\n").filter((line) => line.includes('"*v1.Namespace"'));
  const before = await listed();

  following.custom.configure(configured(item("Ship", "length")));
  const seen = new Set<string>();
  await until(async () => {
    const [sample = "none", ...more] = await samplesOf(fixture);
    expect(more).toEqual([]);
    seen.add(sample);
    return sample.startsWith("ship_length");
  });
  expect([...seen]).toEqual([
    'ship_size{v="v1",name="aurora"} 3',
    'ship_length{v="v1",name="aurora"} 3',
  ]);
  following.custom.configure(configured());
  expect(await samplesOf(fixture)).toEqual([]);
  expect(fixture.worker.readiness().ready).toBe(true);
  expect(await listed()).toEqual(before);
});

test("a resource that is given up before it is complete leaves what it should have replaced, or takes it along", async () => {
  await using server = await startFakeKubernetes();
  server.registerCustomResource(ships);
  server.create("ships", size("aurora", 3));
  await using fixture = await startWorker({ names: ["namespaces"] }, server);
  await using following = await follow(server, fixture.worker, configured(item("Ship")));
  fixture.worker.awaits(following.custom);
  await fixture.ready();
  // There and back again: the last word counts.
  for (const metric of ["length", "size", "length", "size"])
    following.custom.configure(configured(item("Ship", metric)));
  await until(() => fixture.worker.exposed.length === 2);
  expect(await samplesOf(fixture)).toEqual(['ship_size{v="v1",name="aurora"} 3']);
  following.custom.configure(configured(item("Ship", "length")));
  following.custom.configure(configured());
  expect(await samplesOf(fixture)).toEqual([]);
  expect(fixture.worker.exposed.map(({ name }) => name)).toEqual(["namespaces"]);
});
