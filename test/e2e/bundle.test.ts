import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  complete,
  type Completion,
  Daemon,
  freePorts,
  until,
} from "@kube-state-mosaic/control-plane";
import { populate, startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../scripts/build-image.ts";
import { program } from "./exporter.ts";
import { family } from "./samples.ts";

const startupBudgetMs = 150;
const userModule = fileURLToPath(new URL("resource-module/user.ts", import.meta.url));

describe("the bundle", () => {
  let folder: string;
  let dump: string;
  let launcher: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bundle-"));
    await buildImage(join(folder, "image"));
    launcher = join(folder, "image/app/dist/kube-state-mosaic.mjs");
    dump = join(folder, "dump.json");
    await writeFile(dump, JSON.stringify({ apiVersion: "v1", kind: "List", items: [pod, user] }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const bundled = (...args: readonly string[]): Promise<Completion> =>
    complete(process.execPath, [launcher, ...args], { cwd: "/" });

  test("says the version of the source", async () => {
    const fromSource = await complete(program, ["version"]);
    expect(await bundled("version")).toEqual(fromSource);
    expect(fromSource.stdout).toContain("kube-state-mosaic, version v");
  });

  test("renders what the source renders", async () => {
    const args = ["render", "--filename", dump];
    const fromSource = await complete(program, args);
    expect(fromSource.stdout).toContain('kube_pod_info{namespace="default",pod="one"');
    expect(await bundled(...args)).toEqual(fromSource);
  });

  test("takes a resource module of the user's, whose import is the bundle's own", async () => {
    const { stdout, stderr } = await bundled(
      "render",
      "--filename",
      dump,
      `--resource-module=${userModule}`,
    );
    expect(stderr).toBe("");
    expect(stdout).toContain('\nkube_user_cpu_total{user="bob"} 1\n');
  });

  test("a worker of it shows what an API server has", async () => {
    await using server = await startFakeKubernetes();
    populate(server, { pods: 20, seed: 1 });
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, server.kubeconfig());
    const [port, telemetryPort] = await freePorts(2);
    await using worker = await Daemon.start({
      name: "bundled worker",
      command: process.execPath,
      args: [
        launcher,
        `--kubeconfig=${kubeconfig}`,
        "--host=127.0.0.1",
        `--port=${port}`,
        "--telemetry-host=127.0.0.1",
        `--telemetry-port=${telemetryPort}`,
      ],
    });
    const text = await until(
      "it answers",
      async () => {
        const response = await fetch(`http://127.0.0.1:${port}/metrics`);
        return response.ok ? response.text() : undefined;
      },
      { daemons: [worker] },
    );
    expect(family(text, "kube_pod_info").length).toBeGreaterThanOrEqual(20);
    worker.kill("SIGTERM");
    expect(await worker.exited).toEqual({ code: 0, signal: null });
  });

  test("renders a dump within 150 ms more than Node needs for nothing", async () => {
    const node = await fastest(() => complete(process.execPath, ["--eval", "0"]));
    const render = await fastest(() => bundled("render", "--filename", dump));
    console.log(`startup: Node ${node.toFixed(0)} ms, render ${render.toFixed(0)} ms`);
    expect(render - node).toBeLessThan(startupBudgetMs);
  });

  test("a command loads neither the others nor the client library that only some kubeconfigs need", async () => {
    const dist = join(folder, "image/app/dist");
    const files = await readdir(dist);
    const commands = ["worker", "coordinator", "demo", "render", "rbac"];
    const chunks = commands.map((command) =>
      files.filter((file) => file.startsWith(`${command}-`)),
    );
    expect(chunks.map((found) => found.length)).toEqual(commands.map(() => 1));
    const withClient = await Promise.all(
      files.map(
        async (file) =>
          (await readFile(join(dist, file), "utf8")).includes("class KubeConfig ") && file,
      ),
    );
    const client = withClient.filter((file) => file !== false);
    expect(client).toHaveLength(1);
    for (const [chunk = ""] of chunks) {
      const loaded = await loadedWith(dist, chunk);
      const others = [...chunks.flat(), ...client].filter((file) => file !== chunk);
      expect(others.filter((file) => loaded.has(file))).toEqual([]);
    }
  });
});

/** Milliseconds of the quickest of several runs: the others waited for something else. */
async function fastest(run: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 10; i += 1) {
    const started = performance.now();
    await run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "one", namespace: "default", uid: "5d4a9d4e-0d51-4f2c-9d0a-7d3f3f1c2b12" },
  spec: { containers: [{ name: "main", image: "example.org/app:1" }] },
};

const user = {
  apiVersion: "iam.kubesphere.io/v1alpha2",
  kind: "User",
  metadata: {
    name: "bob",
    uid: "5d4a9d4e-0d51-4f2c-9d0a-7d3f3f1c2b13",
    annotations: { "user-cpu-limit": "1" },
  },
};

/** Names of the files that are loaded together with one of the bundle's, itself included. */
async function loadedWith(folder: string, name: string): Promise<ReadonlySet<string>> {
  const found = new Set([name]);
  for (const file of found) {
    const text = await readFile(join(folder, file), "utf8");
    for (const [, other = ""] of text.matchAll(/^import\b.*"\.\/([^"]+)";$/gm)) found.add(other);
  }
  return found;
}
