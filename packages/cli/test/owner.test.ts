import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { LeaseRegistry } from "@kube-state-mosaic/registry";
import { firstLayout, serialiseLayoutState } from "@kube-state-mosaic/sharding";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../bin/kube-state-mosaic.mjs", import.meta.url));
const place = { namespace: "monitoring", statefulset: "mosaic" };

async function owner(server: FakeKubernetes, args: readonly string[]) {
  const flags = [`--apiserver=${server.url}`, "--pod-namespace=monitoring", "--statefulset=mosaic"];
  const child = spawn(process.execPath, [program, "owner", ...args, ...flags]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, "close");
  return { code, output };
}

async function withLayout(): Promise<FakeKubernetes> {
  const server = await startFakeKubernetes();
  server.create("namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "monitoring" },
  });
  const cluster = await loadCluster({ apiserver: server.url, environment: {} });
  await using client = new ApiClient({ cluster });
  const layout = firstLayout(1, ["0", "1", "2"], "fnv1a64");
  const text = serialiseLayoutState({
    v: 1,
    floor: 1,
    source: { uid: "set", generation: 1, start: 0, replicas: 3 },
    active: { ...layout, activateAt: 1 },
    pending: undefined,
    previous: undefined,
  });
  await new LeaseRegistry({ client, ...place }).writeLayout(text, undefined);
  return server;
}

test("an object's slot and shard follow from its UID, and a shard that cannot be asked is named", async () => {
  await using server = await withLayout();
  // FNV-1a of this UID is 0x2e168e400eec62f8: its top 10 bits are 184.
  const { code, output } = await owner(server, ["7f9c24e8-3b12-4fe0-9a3d-2d1b8a6c0f11"]);
  expect(output).toMatch(/^active +epoch 1, slot 184, shard [0-2] of 3, pod ordinal [0-2]$/m);
  expect(output).toMatch(/^shown +no: that member has never announced itself$/m);
  expect(code).toBe(1);
});

test("an object can be named by resource, namespace and name", async () => {
  await using server = await withLayout();
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "monitoring" } };
  const { metadata } = server.create("pods", pod);
  const { output } = await owner(server, ["pods", "monitoring/p"]);
  expect(output).toContain(`uid       ${metadata?.uid}`);
});

test.each([
  [["ferries", "x"], /error: ferries is not a resource/],
  [["pods", "monitoring/absent"], /error: .*404/],
])("%j is one clear line and exit code 1", async (args, wanted) => {
  await using server = await withLayout();
  const { code, output } = await owner(server, args);
  expect(output).toMatch(wanted);
  expect(output).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
});

test("without a layout the flags that name the StatefulSet are pointed at", async () => {
  await using server = await startFakeKubernetes();
  const { code, output } = await owner(server, ["some-uid"]);
  expect(output).toMatch(/has no layout: .*--statefulset/);
  expect(code).toBe(1);
});
