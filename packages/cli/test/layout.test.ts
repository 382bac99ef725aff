import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { LeaseRegistry } from "@kube-state-mosaic/registry";
import { firstLayout, nextLayout, serialiseLayoutState } from "@kube-state-mosaic/sharding";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../bin/kube-state-mosaic.mjs", import.meta.url));

/** Two shards in force, a third one on its way. */
function layoutText(): string {
  const active = firstLayout(4, ["0", "1"], "xxh64");
  return serialiseLayoutState({
    v: 1,
    floor: 5,
    source: { uid: "set", generation: 2, start: 0, replicas: 3 },
    active: { ...active, activateAt: Date.now() - 60_000 },
    pending: { ...nextLayout(active, 5, ["0", "1", "2"]), createdAt: Date.now() - 5_000 },
    previous: undefined,
  });
}

describe("layout", () => {
  let server: FakeKubernetes;
  let client: ApiClient;

  beforeAll(async () => {
    server = await startFakeKubernetes();
    client = new ApiClient({ cluster: await loadCluster({ apiserver: server.url }) });
    const registry = new LeaseRegistry({ client, namespace: "kube-system", statefulset: "shards" });
    await registry.writeLayout(layoutText(), undefined);
    const record = { address: "http://10.0.0.9:8080", views: { 4: "serving" }, leaving: true };
    server.create("leases", {
      metadata: {
        namespace: "kube-system",
        name: "shards-0",
        labels: { "kube-state-mosaic/member-of": "shards" },
        annotations: { "kube-state-mosaic/member": JSON.stringify(record) },
      },
      spec: { holderIdentity: "pod-uid", renewTime: new Date().toISOString() },
    });
  });

  afterAll(async () => {
    await client.close();
    await server.close();
  });

  const run = (
    ...args: readonly string[]
  ): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const all = [program, "layout", ...args, `--apiserver=${server.url}`];
      execFile(process.execPath, all, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });

  test("show prints the layouts, and every member with its slots and views", async () => {
    const { code, stdout } = await run("show", "kube-system/shards");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^active +4 +0,1 +6[0-9]s ago +[0-9a-f]{16}$/m);
    expect(stdout).toMatch(/^pending +5 +0,1,2 +[0-9]+s ago +[0-9a-f]{16}$/m);
    expect(stdout).toMatch(
      /^0 +512 +34[12] +[0-9]+s ago +4:serving leaving +http:\/\/10\.0\.0\.9:8080$/m,
    );
    expect(stdout).toMatch(/^2 +- +34[012] +never seen +- +-$/m);
  });

  test("show -o json prints the same for programs, the slots as counts that add up", async () => {
    const { stdout } = await run("show", "shards", "-o", "json");
    const printed = JSON.parse(stdout) as {
      readonly active: { readonly slots: Record<string, number> };
      readonly pending: { readonly slots: Record<string, number> };
    };
    expect(printed).toMatchObject({
      problem: null,
      floor: 5,
      active: { epoch: 4, members: ["0", "1"], slots: { 0: 512, 1: 512 } },
      pending: { epoch: 5, members: ["0", "1", "2"] },
      members: [{ ordinal: "0", holder: "pod-uid", record: { leaving: true } }],
    });
    const slots = Object.values(printed.pending.slots);
    expect(slots.reduce((sum, count) => sum + count, 0)).toBe(1_024);
  });

  test("of a StatefulSet without a layout is an error", async () => {
    expect(await run("show", "nobody")).toMatchObject({
      code: 1,
      stderr: "error: kube-system/nobody has no layout and no members\n",
    });
  });

  test.each([["delete"], ["show", "a", "b"], []])("of %j %j is an error", async (...args) => {
    const { code, stderr } = await run(...args.filter((arg) => arg !== undefined));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: /);
  });

  test("reset removes the layout alone, says what follows, and once more that there is none", async () => {
    const first = await run("reset", "shards");
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain("The layout of kube-system/shards is removed.");
    expect(server.names("leases").map(({ name }) => name)).toEqual(["shards-0"]);
    const second = await run("reset", "shards");
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain("nothing to remove");
  });

  test("a layout that cannot be read is shown as such, with the members", async () => {
    server.create("leases", {
      metadata: {
        namespace: "kube-system",
        name: "shards-layout",
        annotations: { "kube-state-mosaic/layout": "{" },
      },
    });
    const { code, stdout } = await run("show", "shards");
    expect(code).toBe(1);
    expect(stdout).toContain("the layout is not used");
    expect(stdout).toMatch(/^0 +- +- /m);
  });
});
