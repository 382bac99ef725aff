import { mkdir, mkdtemp, readFile, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlaneClient, kubeconfig, until } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { define, type DefinitionOptions } from "./custom-resource-definitions.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";
import { Scraper } from "./reload-scraper.ts";
import { family } from "./samples.ts";

const definitionOf = (kind: string): DefinitionOptions => ({
  group: "reload.example",
  kind,
  plural: `${kind.toLowerCase()}s`,
  scope: "Cluster",
  versions: [{ name: "v1", served: true, storage: true }],
});
const item = (kind: string, metric: string): string => `
    - groupVersionKind: {group: reload.example, version: v1, kind: ${kind}}
      metricNamePrefix: ${kind.toLowerCase()}
      labelsFromPath: {name: [metadata, name]}
      metrics: [{name: ${metric}, help: h, each: {type: Gauge, gauge: {path: [spec, size]}}}]`;
/** The metric of boats has the name given, that of kites none that changes. */
const customResources = (metric: string): string =>
  `spec:\n  resources:${item("Boat", metric)}${item("Kite", "size")}\n`;
/** The label of services has the key given; nothing else changes. */
const config = (label: string, more = ""): string =>
  `resources: {namespaces: {}, nodes: {}, pods: {}, services: {}}\nlabels_allow_list: {services: [${label}]}\n${more}`;

const labelled = (text: string, label: string): boolean =>
  text.includes(`,label_${label}="`) && family(text, "kube_service_labels").length > 0;

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("files that change while a worker runs", () => {
  let client: ControlPlaneClient;
  let folder: string;
  let exporter: Exporter;
  let tokens: string[];
  const at = (name: string): string => join(folder, name);
  const access = (token: string): string =>
    `${kubeconfig({ url: cluster!.url, caFile: cluster!.caFile, token })}\n`;

  beforeAll(async () => {
    client = new ControlPlaneClient(cluster!);
    for (const kind of ["Boat", "Kite"]) await define(client, definitionOf(kind));
    const objects = ["Boat", "Kite"].map((kind) => ({
      apiVersion: "reload.example/v1",
      kind,
      metadata: { name: "one" },
      spec: { size: 5 },
    }));
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "reload", namespace: "default", labels: { even: "a", odd: "b" } },
      spec: { ports: [{ port: 80 }] },
    };
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reload" } };
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "reload" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "cluster-admin",
      },
      subjects: [{ kind: "ServiceAccount", name: "reload", namespace: "default" }],
    };
    await client.apply(
      [...objects, service, account, binding].map((one) => JSON.stringify(one)).join("\n---\n"),
    );
    tokens = [cluster!.token, (await client.kubectl("create token reload")).trim()];

    folder = await mkdtemp(join(tmpdir(), "reload-"));
    await swap("start");
    for (const name of ["config.yaml", "crs.yaml"]) await symlink(`..data/${name}`, at(name));
    await writeFile(at("kubeconfig"), access(tokens[0]!));
    exporter = await Exporter.start([
      `--kubeconfig=${at("kubeconfig")}`,
      `--config=${at("config.yaml")}`,
      `--custom-resource-state-config-file=${at("crs.yaml")}`,
    ]);
    await exporter.ready();
    const text = await exporter.scrape("?exclude_resources=pods");
    for (const name of ["boat_start", "kite_size"])
      if (family(text, name).length !== 1) throw new Error(`${name} is not exposed`);
  });
  afterAll(async () => {
    await exporter?.[Symbol.asyncDispose]();
    await client?.kubectl(
      "delete crd/boats.reload.example crd/kites.reload.example service/reload serviceaccount/reload clusterrolebinding/reload --ignore-not-found --wait=true",
    );
    client?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** Swaps both files at once, as a kubelet does with a mounted ConfigMap. */
  async function swap(word: string): Promise<void> {
    await mkdir(at(`..${word}`));
    await writeFile(at(`..${word}/config.yaml`), config(word));
    await writeFile(at(`..${word}/crs.yaml`), customResources(word));
    await symlink(`..${word}`, at("..data_tmp"));
    await rename(at("..data_tmp"), at("..data"));
  }

  /** The three ways of writing a file: in place, with a pause in the middle, by another that takes its place. */
  async function write(name: string, text: string, way: number): Promise<void> {
    if (way === 2) {
      await writeFile(at("new"), text);
      return rename(at("new"), at(name));
    }
    if (way === 1) await writeFile(at(name), text.slice(0, text.length / 2));
    await writeFile(at(name), text);
  }

  /** How often resources were listed or watched anew, by the Go type of the reference's metrics. */
  async function requests(...types: string[]): Promise<string[]> {
    const telemetry = await exporter.telemetry();
    return ["list", "watch"]
      .flatMap((verb) => family(telemetry, `kube_state_metrics_${verb}_total`))
      .filter((line) => types.some((type) => line.includes(`resource="${type}"`)));
  }

  async function gauge(name: string, type: string): Promise<string | undefined> {
    const lines = family(await exporter.telemetry(), `kube_state_metrics_${name}`);
    return lines.find((line) => line.includes(`type="${type}"`))?.replace(/^.*\} /, "");
  }
  const successful = (type: string) => gauge("last_config_reload_successful", type);

  const untouched = ["*v1.Namespace", "*v1.Node", "*v1.Pod", "*v1.CustomResourceDefinition"];

  test("100 reloads of config file, custom resource configuration and kubeconfig, each: no scrape fails, no sample is missing, only what changes is listed", async () => {
    const url = `${exporter.url}/metrics?exclude_resources=pods`;
    const first = await exporter.scrape("?exclude_resources=pods");
    const wanted = ["kube_namespace_created", "kube_node_info", "kube_service_info", "kite_size"];
    const lines = wanted.flatMap((name) => family(first, name));
    expect(lines.length).toBeGreaterThan(50);
    const before = await requests(...untouched);
    expect(before.length).toBeGreaterThan(3);
    const relists = family(await exporter.telemetry(), "kube_state_mosaic_relists_total");

    // From here on they are files of their own.
    for (const name of ["config.yaml", "crs.yaml"]) await unlink(at(name));
    const scraper = new Scraper(url, lines);
    let stamp = await gauge("last_config_reload_success_timestamp_seconds", "kubeconfig");
    for (let round = 1; round <= 100; round++) {
      const word = round % 2 === 0 ? "even" : "odd";
      await write("config.yaml", config(word), round % 3);
      await write("crs.yaml", customResources(word), round % 3);
      await write("kubeconfig", access(tokens[round % 2]!), round % 3);
      const isOther = round % 2 === 0 ? "odd" : "even";
      await until(
        `round ${round}`,
        async () => {
          const { text } = scraper;
          if (!labelled(text, word) || family(text, `boat_${word}`).length === 0) return false;
          expect(labelled(text, isOther)).toBe(false);
          expect(family(text, `boat_${isOther}`)).toEqual([]);
          const now = await gauge("last_config_reload_success_timestamp_seconds", "kubeconfig");
          if (now === stamp) return false;
          stamp = now;
          return true;
        },
        { intervalMs: 20, daemons: [exporter.daemon] },
      );
    }
    await scraper.stop();
    expect(scraper.faults.slice(0, 10)).toEqual([]);
    expect(scraper.count).toBeGreaterThan(100);
    expect(await requests(...untouched)).toEqual(before);
    expect(family(await exporter.telemetry(), "kube_state_mosaic_relists_total")).toEqual(relists);
    for (const type of ["config", "customresourceconfig", "kubeconfig"])
      expect(await successful(type)).toBe("1");
    console.info(`${scraper.count} scrapes during 100 reloads of each of three files`);
  });

  test("the swap of a mounted ConfigMap changes both files at once, and of the custom resources the one that changes is listed alone", async () => {
    await swap("swapped");
    const asked = await requests(...untouched);
    for (const name of ["config.yaml", "crs.yaml"]) {
      await symlink(`..data/${name}`, at("link"));
      await rename(at("link"), at(name));
    }
    await until("the swap is in use", async () => {
      const text = await exporter.scrape("?exclude_resources=pods");
      return family(text, "boat_swapped").length === 1 && !labelled(text, "even");
    });
    const custom = await requests("*unstructured.Unstructured");
    await swap("odd");
    await until("another swap is in use", async () => {
      const text = await exporter.scrape("?exclude_resources=pods");
      return family(text, "boat_odd").length === 1 && labelled(text, "odd");
    });
    // One list or watch of boats, none of kites.
    const total = (lines: readonly string[]): number =>
      lines.map((line) => Number(line.replace(/^.*\} /, ""))).reduce((sum, one) => sum + one, 0);
    const more = total(await requests("*unstructured.Unstructured")) - total(custom);
    expect(more).toBeGreaterThan(0);
    expect(more).toBeLessThanOrEqual(2);
    expect(await requests(...untouched)).toEqual(asked);
  });

  test("files that cannot be used change nothing, are logged with their position and show in the metrics until they are mended", async () => {
    const exposition = () => exporter.scrape("?exclude_resources=pods,nodes");
    const expected = await exposition();
    const asked = await requests(...untouched, "*unstructured.Unstructured", "*v1.Service");
    for (const name of ["config.yaml", "crs.yaml"]) await unlink(at(name));
    const hash = await gauge("config_hash", "config");
    await write("config.yaml", `${config("even")}\nobject_limit: many\n`, 0);
    await write("crs.yaml", "spec:\n  resources:\n    - metrics: 5\n", 0);
    await write("kubeconfig", access("wrong"), 0);
    for (const type of ["config", "customresourceconfig", "kubeconfig"])
      await until(`${type} is refused`, async () => (await successful(type)) === "0");
    expect(await gauge("config_hash", "config")).toBe(hash);
    const logged = exporter.daemon.lines.slice(-20).join("\n");
    expect(logged).toContain(`${at("config.yaml")}:4:1: object_limit: many`);
    expect(logged).toContain(`${at("crs.yaml")}:3:16: spec.resources[0].metrics:`);
    expect(logged).toMatch(/ERROR .*kubeconfig.* not used.*401/);
    expect(await exposition()).toBe(expected);
    expect(await requests(...untouched, "*unstructured.Unstructured", "*v1.Service")).toEqual(
      asked,
    );

    // Each stands for itself: the config file is wrong still.
    await write("crs.yaml", customResources("even"), 2);
    await until(
      "boats have another metric",
      async () => family(await exposition(), "boat_even").length === 1,
    );
    expect(await successful("customresourceconfig")).toBe("1");
    expect(await successful("config")).toBe("0");
    await write("config.yaml", config("even"), 2);
    await write("kubeconfig", access(tokens[0]!), 2);
    for (const type of ["config", "customresourceconfig", "kubeconfig"])
      await until(`${type} is mended`, async () => (await successful(type)) === "1");
    await until("what they say is in use", async () => {
      const text = await exposition();
      return labelled(text, "even") && family(text, "boat_even").length === 1;
    });
  });

  test("a half-written file changes nothing while its writer pauses; a removed one keeps what it said", async () => {
    const services = await exporter.scrape("?resources=services");
    const scraper = new Scraper(
      `${exporter.url}/metrics?resources=services`,
      family(services, "kube_service_labels").filter((line) => !line.includes("label_")),
    );
    const text = config("odd");
    const lines = exporter.daemon.lines.length;
    // It would be a valid file, and mean no labels at all.
    await writeFile(at("config.yaml"), text.slice(0, text.indexOf("\n")));
    const seen = scraper.count;
    await until("more scrapes", () => {
      expect(labelled(scraper.text || services, "even")).toBe(true);
      return scraper.count > seen + 3;
    });
    await writeFile(at("config.yaml"), text);
    await until("the whole is in use", () => labelled(scraper.text, "odd"));
    await scraper.stop();
    expect(scraper.faults).toEqual([]);
    const logged = exporter.daemon.lines
      .slice(lines)
      .filter((line) => line.includes("config file"));
    expect(logged).toEqual([expect.stringContaining("is in use")]);

    for (const name of ["config.yaml", "crs.yaml", "kubeconfig"]) await unlink(at(name));
    await exporter.daemon.line(new RegExp(`gone or cannot be read.*${at("kubeconfig")}`));
    const kept = await exporter.scrape("?exclude_resources=pods,nodes");
    expect(labelled(kept, "odd")).toBe(true);
    expect(family(kept, "boat_even")).toHaveLength(1);
    await write(
      "config.yaml",
      await readFile(at("..even/config.yaml"), "utf8").catch(() => config("even")),
      2,
    );
    await write("crs.yaml", customResources("odd"), 2);
    await write("kubeconfig", access(tokens[1]!), 2);
    await until("they are back", async () => {
      const back = await exporter.scrape("?exclude_resources=pods,nodes");
      return labelled(back, "even") && family(back, "boat_odd").length === 1;
    });
  });

  test("all pods are shown while they are listed again for another label", async () => {
    const wanted = family(await exporter.scrape("?resources=pods"), "kube_pod_info");
    expect(wanted.length).toBeGreaterThan(1_000);
    const scraper = new Scraper(`${exporter.url}/metrics?resources=pods`, wanted);
    const asked = await requests("*v1.Service", "*v1.Node", "*v1.Namespace");
    await write("config.yaml", config("even").replace("{services:", '{pods: ["*"], services:'), 2);
    await until("pods have labels", () => /^kube_pod_labels\{.*,label_/m.test(scraper.text));
    await scraper.stop();
    expect(scraper.faults.slice(0, 10)).toEqual([]);
    expect(await requests("*v1.Service", "*v1.Node", "*v1.Namespace")).toEqual(asked);
  });

  test("settings that need a restart are named and keep their values; resources come and go", async () => {
    const more = "port: 1\n";
    await write(
      "config.yaml",
      config("even", more).replace("namespaces: {}, ", "secrets: {}, "),
      2,
    );
    await until("secrets instead of namespaces", async () => {
      const text = await exporter.scrape("?exclude_resources=pods,nodes");
      return (
        family(text, "kube_namespace_created").length === 0 && text.includes("kube_secret_info{")
      );
    });
    await exporter.daemon.line(/WARN .*need a restart.* settings=--port/);
    await write("config.yaml", config("even", more), 2);
    await until("namespaces are back", async () => {
      const text = await exporter.scrape("?exclude_resources=pods,nodes");
      return family(text, "kube_namespace_created").length > 0;
    });
    const warnings = exporter.daemon.lines.filter((line) => line.includes("need a restart"));
    expect(warnings).toHaveLength(1);
  });

  test("with --continue-without-config a wrong file is waited for; custom resources can be switched on and off while running", async () => {
    const file = at("waiting.yaml");
    await writeFile(file, "resources: [namespaces]\n");
    await using waiting = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      `--config=${file}`,
      "--continue-without-config",
    ]);
    await waiting.daemon.line(/error: resources: \[namespaces\].*not a mapping/);
    await waiting.daemon.line(/nothing runs until .*waiting\.yaml is written again/);
    const resources = "resources: {namespaces: {}}\n";
    await writeFile(file, resources);
    await waiting.ready();
    const wanted = family(await waiting.scrape(), "kube_namespace_created");
    const scraper = new Scraper(`${waiting.url}/metrics`, wanted);
    const inline = JSON.stringify(customResources("size"));
    await writeFile(file, `${resources}custom_resource_config: ${inline}\n`);
    await until(
      "custom resources are exposed",
      () => family(scraper.text, "kite_size").length === 1,
    );
    await writeFile(file, resources);
    await until("they are no longer", () => family(scraper.text, "kite_size").length === 0);
    await scraper.stop();
    expect(scraper.faults).toEqual([]);
  });
});
