import { once } from "node:events";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlaneClient, Daemon, until } from "@kube-state-mosaic/control-plane";
import { describe, expect, test } from "vitest";
import { sharedCluster } from "./environment.ts";

const index = new URL("../control-plane/src/index.ts", import.meta.url).href;

test("a child and its folder do not outlive a parent that is killed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "daemon-"));
  const script = `
    import { Daemon } from ${JSON.stringify(index)};
    const sleeper = await Daemon.start({ name: "sleeper", command: "sleep", args: ["600"] }, [${JSON.stringify(folder)}]);
    console.log(sleeper.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [first] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(first.toString());
  expect(isRunning(pid)).toBe(true);
  parent.kill("SIGKILL");
  await until("the child is gone", () => !isRunning(pid), { timeoutMs: 5_000 });
  await until("its folder is gone", () => !existsSync(folder), { timeoutMs: 5_000 });
  await rm(folder, { recursive: true, force: true });
});

test("the error of a child that ends early says how it ended and what it last said", async () => {
  const args = ["-c", "echo one; echo two >&2; exit 3"];
  await using daemon = await Daemon.start({ name: "brief", command: "sh", args });
  await expect(daemon.line(/three/)).rejects.toThrow(
    /brief has ended with code 3\n.*\n(one\ntwo|two\none)/,
  );
  await expect(until("it answers", () => undefined, { daemons: [daemon] })).rejects.toThrow(
    /it answers: brief has ended with code 3/,
  );
});

test("a program that cannot be executed is an error that names it", async () => {
  const start = Daemon.start({ name: "nothing", command: "/nonexistent/program", args: [] });
  await expect(start).rejects.toThrow(/nothing: .*ENOENT/);
});

test("a child that does not end when asked is killed with its children", async () => {
  const args = ["-c", "trap '' TERM; sleep 600 & echo $!; wait; wait"];
  const daemon = await Daemon.start({ name: "stubborn", command: "sh", args });
  const grandchild = Number(await daemon.line(/^\d+$/));
  expect(await daemon.stop(100)).toEqual({ code: null, signal: "SIGKILL" });
  await until("the grandchild is gone", () => !isRunning(grandchild), { timeoutMs: 5_000 });
});

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("the control plane", () => {
  test("an object stored in etcd is served, as JSON and as protobuf, and can be read back", async () => {
    const client = new ControlPlaneClient(cluster!);
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "stored",
        namespace: "default",
        uid: "5d4a9d4e-0d51-4f2c-9d0a-7d3f3f1c2b11",
      },
      data: { key: "a value" },
    };
    const key = "/registry/configmaps/default/stored";
    await client.etcdPut(key, object);
    const path = "/api/v1/namespaces/default/configmaps/stored";
    expect(await client.send(path)).toMatchObject({ data: { key: "a value" } });
    const protobuf = await client.request(path, { accept: "application/vnd.kubernetes.protobuf" });
    expect(protobuf.body.startsWith("k8s\0")).toBe(true);
    expect(protobuf.body).toContain("a value");
    expect(await client.etcdKeys("/registry/configmaps/default/")).toContain(key);
    expect(await client.etcdGet([key, `${key}-absent`])).toEqual([object, undefined]);
    await client.kubectl("annotate configmap/stored --namespace=default touched=yes");
    expect(await client.etcdGet([key])).toEqual([undefined]);
    await client.etcdDelete(key);
    expect((await client.request(path)).status).toBe(404);
    client.close();
  });

  test("the token of a ServiceAccount has the rights that were given to it and no others", async () => {
    const client = new ControlPlaneClient(cluster!);
    await client.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: { name: reader, namespace: default }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader, namespace: default }
rules: [{ apiGroups: [""], resources: [configmaps], verbs: [list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reader, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: reader, namespace: default }]`);
    const token = await client.serviceAccountToken("default", "reader");
    const status = async (path: string): Promise<number> =>
      (await client.request(path, { token })).status;
    // The authorizer learns of a new binding through a watch.
    await until("the role is in force", async () => {
      return (await status("/api/v1/namespaces/default/configmaps")) === 200;
    });
    expect(await status("/api/v1/namespaces/default/secrets")).toBe(403);
    await client.kubectl("delete rolebinding/reader role/reader serviceaccount/reader");
    client.close();
  });

  test("kubectl's refusal is an error with its words", async () => {
    const client = new ControlPlaneClient(cluster!);
    await expect(client.kubectl("get ferries")).rejects.toThrow(/doesn't have a resource type/);
    client.close();
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
