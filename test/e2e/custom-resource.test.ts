import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlaneClient, until } from "@kube-state-mosaic/control-plane";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { define, type DefinitionOptions } from "./custom-resource-definitions.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter, startProgram } from "./exporter.ts";
import { family, samples } from "./samples.ts";

const ships: DefinitionOptions = {
  group: "fleet.example",
  kind: "Ship",
  plural: "ships",
  scope: "Namespaced",
  versions: [{ name: "v1", served: true, storage: true }],
};
const withSecondVersion = (isFirstServed: boolean): DefinitionOptions => ({
  ...ships,
  versions: [
    { name: "v1", served: isFirstServed, storage: false },
    { name: "v2", served: true, storage: true },
  ],
});

const configuration = `kind: CustomResourceStateMetrics
spec:
  resources:
    - groupVersionKind: {group: fleet.example, version: "*", kind: Ship}
      metricNamePrefix: ship
      labelsFromPath:
        name: [metadata, name]
        namespace: [metadata, namespace]
      metrics:
        - name: crew
          help: Sailors aboard.
          each: {type: Gauge, gauge: {path: [spec, crew]}}
        - name: info
          help: Facts.
          each: {type: Info, info: {path: [spec], labelsFromPath: {port: [port]}}}
        - name: status_phase
          help: Phase.
          each: {type: StateSet, stateSet: {path: [status, phase], labelName: phase, list: [Docked, Sailing]}}
`;
const docks = `spec:
  resources:
    - groupVersionKind: {group: fleet.example, version: v1, kind: Dock}
      metricNamePrefix: dock
      metrics: [{name: length, help: Metres., each: {type: Gauge, gauge: {path: [spec, length]}}}]
`;

const ship = (name: string, crew: number, version = "v1"): object => ({
  apiVersion: `fleet.example/${version}`,
  kind: "Ship",
  metadata: { name, namespace: "default" },
  spec: { crew, port: "Oslo" },
});

const crew = (name: string, value: number, version = "v1"): string =>
  `ship_crew{customresource_group="fleet.example",customresource_kind="Ship",customresource_version="${version}",name="${name}",namespace="default"} ${value}`;

/** How often a resource was listed and watched; a streaming list is a watch. */
const requests = (telemetry: string, resource: string): string[] =>
  ["list", "watch"]
    .flatMap((verb) => family(telemetry, `kube_state_metrics_${verb}_total`))
    .filter((line) => line.includes(`resource="${resource}"`));

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("custom resource state on a real API server", () => {
  let client: ControlPlaneClient;
  let folder: string;
  let common: readonly string[];

  beforeAll(() => {
    client = new ControlPlaneClient(cluster!);
  });
  afterAll(() => client?.close());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "custom-resource-"));
    await writeFile(join(folder, "ships.yaml"), configuration);
    common = [
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      `--custom-resource-state-config-file=${join(folder, "ships.yaml")}`,
    ];
  });
  afterEach(async () => {
    await client.kubectl(
      "delete crd ships.fleet.example docks.fleet.example --ignore-not-found --wait=true",
    );
    await rm(folder, { recursive: true, force: true });
  });

  test("a definition that appears, changes its version and vanishes is followed, and nothing else is listed again", async () => {
    await using exporter = await Exporter.start([...common, "--resources=namespaces,pods"]);
    await exporter.ready();
    const before = await exporter.scrape();
    expect(before).toContain("kube_namespace_created{");
    expect(before).not.toContain("ship_");
    const asked = async () => {
      const telemetry = await exporter.telemetry();
      return [requests(telemetry, "*v1.Namespace"), requests(telemetry, "*v1.Pod")];
    };
    const builtIn = await asked();
    for (const lines of builtIn) expect(lines).not.toEqual([]);

    await define(client, ships);
    await client.apply(JSON.stringify(ship("aurora", 3)));
    await expect
      .poll(async () => family(await exporter.scrape(), "ship_crew"), { timeout: 10_000 })
      .toEqual([crew("aurora", 3)]);
    expect(family(await exporter.telemetry(), "kube_state_mosaic_resource_objects")).toContain(
      'kube_state_mosaic_resource_objects{resource="fleet.example/v1, Resource=ships"} 1',
    );

    await client.apply(
      [ship("aurora", 4), ship("beta", 5)].map((one) => JSON.stringify(one)).join("\n---\n"),
    );
    await client.kubectl([
      "patch",
      "ships.fleet.example/beta",
      "--subresource=status",
      "--type=merge",
      '--patch={"status":{"phase":"Sailing"}}',
    ]);
    await expect
      .poll(async () => samples(await exporter.scrape("?exclude_resources=namespaces,pods")), {
        timeout: 10_000,
      })
      .toEqual(
        [
          crew("aurora", 4),
          crew("beta", 5),
          ...["aurora", "beta"].map((name) =>
            crew(name, 1)
              .replace("ship_crew", "ship_info")
              .replace(/"\} 1$/, '",port="Oslo"} 1'),
          ),
          ...[
            ["Docked", 0],
            ["Sailing", 1],
          ].map(([phase, value]) =>
            crew("beta", 1)
              .replace("ship_crew", "ship_status_phase")
              .replace(/"\} 1$/, `",phase="${phase}"} ${value}`),
          ),
        ].toSorted(),
      );
    await client.kubectl("delete ships.fleet.example/beta");
    await expect
      .poll(async () => family(await exporter.scrape(), "ship_crew"))
      .toEqual([crew("aurora", 4)]);

    // Both versions served: every object twice, each in its version.
    await define(client, withSecondVersion(true));
    await expect
      .poll(async () => family(await exporter.scrape(), "ship_crew").toSorted(), {
        timeout: 15_000,
      })
      .toEqual([crew("aurora", 4), crew("aurora", 4, "v2")]);
    await define(client, withSecondVersion(false));
    await expect
      .poll(async () => family(await exporter.scrape(), "ship_crew"), { timeout: 15_000 })
      .toEqual([crew("aurora", 4, "v2")]);

    await client.kubectl("delete crd ships.fleet.example --wait=true");
    await expect.poll(() => exporter.scrape(), { timeout: 10_000 }).not.toContain("ship_");
    expect(await asked()).toEqual(builtIn);
    const telemetry = await exporter.telemetry();
    for (const what of ["resource_objects", "resource_synced", "store_groups"])
      expect(family(telemetry, `kube_state_mosaic_${what}`).join()).not.toContain("Resource=ships");
    expect(requests(telemetry, "*unstructured.Unstructured")).not.toEqual([]);
    const events = (what: string) =>
      family(telemetry, `kube_state_metrics_custom_resource_state_${what}_events_total`).join();
    expect(events("add")).toMatch(/ [1-9]\d*$/);
    expect(events("update")).toMatch(/ [1-9]\d*$/);
    expect(events("delete")).toMatch(/ 1$/);
  });

  test("when the one served version becomes another, no scrape lacks the objects", async () => {
    await define(client, ships);
    await client.apply(JSON.stringify(ship("aurora", 3)));
    await using exporter = await Exporter.start([...common, "--custom-resource-state-only"]);
    await exporter.ready();
    expect(family(await exporter.scrape(), "ship_crew")).toEqual([crew("aurora", 3)]);
    let lacking = 0;
    const changing = define(client, withSecondVersion(false));
    await until(
      "the second version is shown",
      async () => {
        const shown = family(await exporter.scrape(), "ship_crew").join();
        if (shown === "") lacking++;
        return shown === crew("aurora", 3, "v2");
      },
      { intervalMs: 10 },
    );
    await changing;
    expect(lacking).toBe(0);
  });

  test("two shards show what one shows; custom resources obey --namespaces and the metric lists", async () => {
    await define(client, ships);
    const fleet = Array.from({ length: 20 }, (_, at) => JSON.stringify(ship(`s-${at}`, at)));
    await client.apply(fleet.join("\n---\n"));
    const args = [...common, "--custom-resource-state-only"];
    await using single = await Exporter.start(args);
    await using first = await Exporter.start([...args, "--shard=0", "--total-shards=2"]);
    await using second = await Exporter.start([...args, "--shard=1", "--total-shards=2"]);
    await using narrow = await Exporter.start([
      ...args,
      "--namespaces=kube-system,default",
      "--metric-denylist=^ship_info$",
    ]);
    for (const exporter of [single, first, second, narrow]) await exporter.ready();
    const whole = samples(await single.scrape());
    expect(whole).toHaveLength(40);
    const parts = [samples(await first.scrape()), samples(await second.scrape())];
    expect(parts.flat().toSorted()).toEqual(whole);
    for (const part of parts) expect(part.length).toBeGreaterThan(0);
    await using coordinator = await Exporter.start([
      "coordinator",
      `--workers=${first.url},${second.url}`,
    ]);
    await coordinator.ready();
    const merged = await coordinator.scrape();
    expect(samples(merged)).toEqual(whole);
    expect(merged.match(/^# TYPE ship_crew gauge$/gm)).toHaveLength(1);
    expect(samples(await narrow.scrape())).toEqual(
      whole.filter((line) => !line.startsWith("ship_info")),
    );
    expect(samples(await single.scrape("?resources=pods"))).toEqual([]);
  });

  test("a changed configuration is taken over without a gap and without another list; a broken one changes nothing", async () => {
    const file = join(folder, "ships.yaml");
    await define(client, ships);
    await client.apply(JSON.stringify(ship("aurora", 3)));
    await using exporter = await Exporter.start([...common, "--resources=namespaces"]);
    await exporter.ready();
    const builtIn = async () => requests(await exporter.telemetry(), "*v1.Namespace");
    const before = await builtIn();
    const successful = async () =>
      family(await exporter.telemetry(), "kube_state_metrics_last_config_reload_successful");
    const labels = `{filename="${file}",type="customresourceconfig"}`;

    await writeFile(file, configuration.replace("name: crew", "name: sailors"));
    let gaps = 0;
    await until(
      "the new name is shown",
      async () => {
        const text = await exporter.scrape();
        const [old, renamed] = [family(text, "ship_crew"), family(text, "ship_sailors")];
        if (old.length + renamed.length !== 1 || !text.includes("kube_namespace_created{")) gaps++;
        return renamed.length === 1;
      },
      { intervalMs: 20 },
    );
    expect(gaps).toBe(0);

    await writeFile(file, "spec: [");
    await until("the fault is shown", async () =>
      (await successful()).includes(`kube_state_metrics_last_config_reload_successful${labels} 0`),
    );
    expect(family(await exporter.scrape(), "ship_sailors")).toHaveLength(1);
    expect(exporter.daemon.lines.join("\n")).toContain(`${file}:1:8: not YAML: `);
    await writeFile(file, configuration);
    await expect
      .poll(async () => family(await exporter.scrape(), "ship_crew"), { timeout: 10_000 })
      .toEqual([crew("aurora", 3)]);
    expect(await successful()).toContain(
      `kube_state_metrics_last_config_reload_successful${labels} 1`,
    );
    expect(await builtIn()).toEqual(before);
  });

  test("a file that may be missing is taken into use when it appears", async () => {
    await define(client, ships);
    await client.apply(JSON.stringify(ship("aurora", 3)));
    const late = join(folder, "late.yaml");
    await using exporter = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      `--custom-resource-state-config-file=${late}`,
      "--continue-without-custom-resource-state-config-file",
      "--custom-resource-state-only",
    ]);
    await exporter.ready();
    expect(samples(await exporter.scrape())).toEqual([]);
    await writeFile(late, configuration);
    await expect
      .poll(async () => family(await exporter.scrape(), "ship_crew"), { timeout: 10_000 })
      .toEqual([crew("aurora", 3)]);
  });

  test("the files of a folder are one configuration", async () => {
    await writeFile(join(folder, "docks.yml"), docks);
    await writeFile(join(folder, "notes.txt"), "not: [read");
    await define(client, ships);
    const dock: DefinitionOptions = { ...ships, kind: "Dock", plural: "docks", scope: "Cluster" };
    await define(client, dock);
    await client.apply(JSON.stringify(ship("aurora", 3)));
    await client.apply(
      JSON.stringify({
        apiVersion: "fleet.example/v1",
        kind: "Dock",
        metadata: { name: "north" },
        spec: { length: "1.5k" },
      }),
    );
    for (const files of [folder, `${folder}/docks.yml,${folder}/ships.yaml`]) {
      await using exporter = await Exporter.start([
        `--kubeconfig=${cluster!.kubeconfigPath}`,
        `--custom-resource-state-config-file=${files}`,
        "--custom-resource-state-only",
        // A cluster-scoped resource is none of its business.
        "--namespaces=default",
      ]);
      await exporter.ready();
      const text = await exporter.scrape();
      expect(family(text, "dock_length").join()).toMatch(/^dock_length\{.*\} 1500$/);
      expect(family(text, "ship_crew")).toEqual([crew("aurora", 3)]);
      // Ordered by group, version and plural.
      expect(text.indexOf("dock_length")).toBeLessThan(text.indexOf("ship_crew"));
    }
  });
});

describe("a configuration that cannot be used", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "custom-resource-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What is said before the exit with status 1. */
  async function refusal(args: readonly string[]): Promise<string[]> {
    await using daemon = await startProgram([...args, "--apiserver=http://127.0.0.1:1"]);
    const { code } = await daemon.exited;
    expect(code).toBe(1);
    return daemon.lines.slice(daemon.lines.findIndex((line) => line.startsWith("error: ")));
  }

  test("ends the start with everything that is wrong in it", async () => {
    const file = join(folder, "bad.yaml");
    await writeFile(file, configuration.replace("type: Gauge", "type: Counter"));
    const other = join(folder, "worse.yaml");
    await writeFile(other, "spec: {resources: 1}");
    expect(await refusal([`--custom-resource-state-config-file=${file},${other}`])).toEqual([
      `error: failed to parse Custom Resource State metrics: ${file}:12:24: spec.resources[0].metrics[0].each.type: should be Gauge, Info or StateSet and is "Counter"`,
      `error: ${other}:1:19: spec.resources: should be a list and is a scalar`,
    ]);
  });

  test("ends the start when its file is missing, also beside inline text", async () => {
    const file = join(folder, "missing.yaml");
    const message = `error: --custom-resource-state-config-file=${file}: ${file} does not exist; create it or add --continue-without-custom-resource-state-config-file`;
    const missing = `--custom-resource-state-config-file=${file}`;
    expect(await refusal([missing])).toEqual([message]);
    expect(await refusal([missing, "--custom-resource-state-config={}"])).toEqual([message]);
  });
});
