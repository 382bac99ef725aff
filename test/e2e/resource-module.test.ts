import { fileURLToPath } from "node:url";
import { ControlPlaneClient, until } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { define, user, userDefinition } from "./custom-resource-definitions.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";
import { RecordingProxy } from "./recording-proxy.ts";
import { family, samples } from "./samples.ts";

const canary = "canary-77c1a9-password-of-a-user";
const path = (name: string) => fileURLToPath(new URL(`resource-module/${name}`, import.meta.url));
const users = `--resource-module=${path("user.ts")}`;
const userStatus = `--resource-module=${path("user-status.ts")}`;

const limited = { "user-cpu-limit": "1", "user-memory-limit": "1G" };

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("resources of a module", () => {
  let client: ControlPlaneClient;

  beforeAll(async () => {
    client = new ControlPlaneClient(cluster!);
    await define(client, userDefinition);
    await client.apply(
      [
        user("bob", canary, limited),
        user("eve", canary, { "user-cpu-limit": "lots", "user-memory-limit": "512Mi" }),
        user("amy", canary, {}),
      ]
        .map((object) => JSON.stringify(object))
        .join("\n---\n"),
    );
    await setState("bob", "Active");
    await setState("eve", "Disabled");
  });

  afterAll(async () => {
    await client?.kubectl("delete crd users.iam.kubesphere.io --ignore-not-found");
    client?.close();
  });

  const setState = (name: string, state: string) =>
    client.kubectl([
      "patch",
      `users.iam.kubesphere.io/${name}`,
      "--subresource=status",
      "--type=merge",
      `--patch=${JSON.stringify({ status: { state } })}`,
    ]);

  test("users show with their limits, created, changed and deleted ones, and the password is never sent", async () => {
    await using proxy = await RecordingProxy.start(cluster!, { needles: [canary] });
    await using exporter = await Exporter.start([
      `--apiserver=${proxy.url}`,
      users,
      "--metric-labels-allowlist=users=[team]",
      "--metric-annotations-allowlist=users=[*]",
      "--logging-format=json",
    ]);
    await exporter.ready();
    const only = () => exporter.scrape("?resources=users");
    const text = await only();
    const created = family(text, "kube_user_created");
    expect(created).toHaveLength(3);
    for (const line of created)
      expect(line).toMatch(/^kube_user_created\{user="\w+"\} 1\.\d+e\+09$/);
    expect(samples(text).filter((line) => !line.startsWith("kube_user_created"))).toEqual([
      'kube_user_annotations{user="amy"} 1',
      'kube_user_annotations{user="bob",annotation_user_cpu_limit="1",annotation_user_memory_limit="1G"} 1',
      'kube_user_annotations{user="eve",annotation_user_cpu_limit="lots",annotation_user_memory_limit="512Mi"} 1',
      'kube_user_cpu_total{user="amy"} 0',
      'kube_user_cpu_total{user="bob"} 1',
      'kube_user_cpu_total{user="eve"} 0',
      'kube_user_info{user="amy"} 1',
      'kube_user_info{user="bob"} 1',
      'kube_user_info{user="eve"} 1',
      'kube_user_labels{user="amy",label_team="blue"} 1',
      'kube_user_labels{user="bob",label_team="blue"} 1',
      'kube_user_labels{user="eve",label_team="blue"} 1',
      'kube_user_memory_total{user="amy"} 0',
      'kube_user_memory_total{user="bob"} 1e+09',
      'kube_user_memory_total{user="eve"} 5.36870912e+08',
    ]);
    // Built-in resources are there as well: the module is one more default.
    expect(await exporter.scrape()).toContain("\nkube_namespace_created{");
    expect(await exporter.scrape("?exclude_resources=users")).not.toContain("kube_user_");

    const invalid = "kube_state_mosaic_invalid_values_total";
    expect(family(await exporter.telemetry(), invalid)).toEqual([
      `${invalid}{field="user-cpu-limit",resource="users"} 1`,
    ]);
    const logged = exporter.daemon.lines.filter((line) => line.includes("cannot be read"));
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: "warn",
        resource: "users",
        field: "user-cpu-limit",
        name: "eve",
      }),
    ]);

    await client.apply(JSON.stringify(user("carol", canary, { "user-cpu-limit": "1500m" })));
    await client.kubectl("annotate --overwrite users.iam.kubesphere.io/bob user-cpu-limit=2");
    await client.kubectl("delete users.iam.kubesphere.io/amy");
    await expect
      .poll(async () => family(await only(), "kube_user_cpu_total").toSorted())
      .toEqual([
        'kube_user_cpu_total{user="bob"} 2',
        'kube_user_cpu_total{user="carol"} 1.5',
        'kube_user_cpu_total{user="eve"} 0',
      ]);

    const asked = proxy.requests.filter(({ url }) => url.includes("/users"));
    expect(asked).not.toEqual([]);
    for (const { accept } of asked)
      for (const clause of accept.split(",")) expect(clause).toContain(";as=PartialObjectMetadata");
    expect(proxy.requests.filter(({ found }) => found.size > 0)).toEqual([]);
    // The proxy would have seen it.
    await (await fetch(`${proxy.url}/apis/iam.kubesphere.io/v1alpha2/users`)).arrayBuffer();
    expect(proxy.requests.at(-1)!.found.size).toBe(1);
  });

  test("two shards show what one shows", async () => {
    const args = [`--kubeconfig=${cluster!.kubeconfigPath}`, users, "--resources=users"];
    await using single = await Exporter.start(args);
    await using first = await Exporter.start([...args, "--shard=0", "--total-shards=2"]);
    await using second = await Exporter.start([...args, "--shard=1", "--total-shards=2"]);
    for (const exporter of [single, first, second]) await exporter.ready();
    for (let at = 0; at < 20; at++)
      await client.apply(
        JSON.stringify(user(`member-${at}`, canary, { "user-cpu-limit": `${at}` })),
      );
    const whole = await until("all users are there", async () => {
      const found = samples(await single.scrape());
      return found.filter((line) => line.startsWith("kube_user_cpu_total")).length >= 22 && found;
    });
    await expect
      .poll(async () => samples(await first.scrape(), await second.scrape()))
      .toEqual(whole);
    for (const exporter of [first, second])
      expect(samples(await exporter.scrape()).length).toBeLessThan(whole.length);
  });

  test("a module that reads the whole object is loaded beside it, and only where it is asked for", async () => {
    await using exporter = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      users,
      userStatus,
      "--resources=users,users-status",
    ]);
    await exporter.ready();
    const states = family(await exporter.scrape(), "kube_user_status_state");
    expect(states.filter((line) => /"(?:bob|eve)"/.test(line)).toSorted()).toEqual([
      'kube_user_status_state{user="bob",state="Active"} 1',
      'kube_user_status_state{user="bob",state="AuthLimitExceeded"} 0',
      'kube_user_status_state{user="bob",state="Disabled"} 0',
      'kube_user_status_state{user="eve",state="Active"} 0',
      'kube_user_status_state{user="eve",state="AuthLimitExceeded"} 0',
      'kube_user_status_state{user="eve",state="Disabled"} 1',
    ]);
    expect(states).toHaveLength(6);
    expect(await exporter.scrape("?resources=users")).not.toContain("kube_user_status_state");
    expect(await exporter.scrape("?resources=users-status")).not.toContain("kube_user_info");
  });

  test("the same samples come from a custom resource configuration, as far as that format can", async () => {
    await client.apply(JSON.stringify(user("dan", canary, limited)));
    await client.apply(JSON.stringify(user("fay", canary, { "user-cpu-limit": "1" })));
    await setState("dan", "Active");
    await using exporter = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--custom-resource-state-only",
      `--custom-resource-state-config-file=${path("user.crs.yaml")}`,
      "--metric-denylist=^kube_user_created$",
    ]);
    await exporter.ready();
    const automatic =
      'customresource_group="iam.kubesphere.io",customresource_kind="User",customresource_version="v1alpha2"';
    const lines = samples(await exporter.scrape()).map((line) => line.replace(`${automatic},`, ""));
    expect(lines.filter((line) => line.includes('user="dan"'))).toEqual([
      'kube_user_annotations{annotation_user_cpu_limit="1",annotation_user_memory_limit="1G",user="dan"} 1',
      'kube_user_cpu_total{user="dan"} 1',
      'kube_user_info{user="dan"} 1',
      'kube_user_labels{label_team="blue",user="dan"} 1',
      'kube_user_memory_total{user="dan"} 1e+09',
      'kube_user_status_state{state="Active",user="dan"} 1',
      'kube_user_status_state{state="AuthLimitExceeded",user="dan"} 0',
      'kube_user_status_state{state="Disabled",user="dan"} 0',
    ]);
    // An absent quantity is 0, a malformed one has no sample: the format has no word for it.
    expect(lines).toContain('kube_user_memory_total{user="fay"} 0');
    expect(lines.filter((line) => /^kube_user_cpu_total.*"eve"/.test(line))).toEqual([]);
    expect(exporter.daemon.lines.join("\n")).toMatch(/kube_user_cpu_total.*"?eve/);
  });
});
