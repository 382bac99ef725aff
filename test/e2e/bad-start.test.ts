import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Daemon, freePorts } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedCluster } from "./environment.ts";
import { startProgram } from "./exporter.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-start-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs it until it ends by itself, and returns the line it says about `culprit`, or all it said when there is not exactly one. */
async function refusal(args: readonly string[], culprit: string): Promise<string> {
  await using daemon: Daemon = await startProgram(args);
  const timer = setTimeout(() => daemon.kill("SIGKILL"), 20_000);
  const exit = await daemon.exited;
  clearTimeout(timer);
  const said = daemon.lines.join("\n");
  if (exit.code === 0 || exit.signal !== null) return `${JSON.stringify(exit)}\n${said}`;
  const about = daemon.lines.filter((line) => line.includes(culprit));
  const hasStack = daemon.lines.some((line) => /^\s+at /.test(line));
  return about.length === 1 && !hasStack ? about.join() : `not one clear line:\n${said}`;
}

test("an unknown flag is refused by name", async () => {
  expect(await refusal(["--no-such-flag=1"], "no-such-flag")).toMatch(/^.*unknown flag.*$/i);
});

test("a value of the wrong type is refused with its flag", async () => {
  expect(await refusal(["--port=eighty"], "eighty")).toMatch(/^.*port.*$/);
});

test("a positional argument that is no sub-command is refused", async () => {
  expect(await refusal(["explode"], "explode")).toMatch(/^.*explode.*$/);
});

test("an unknown resource is refused by name", async () => {
  expect(await refusal(["--resources=pods,ferries"], "ferries")).toMatch(/^.*resource.*$/);
});

test("an allow list and a deny list together are refused", async () => {
  const args = ["--metric-allowlist=a", "--metric-denylist=b"];
  expect(await refusal(args, "metric-denylist")).toMatch(/^.*metric-allowlist.*$/);
});

test("a kubeconfig that does not exist is named", async () => {
  const path = join(folder, "absent");
  expect(await refusal([`--kubeconfig=${path}`], path)).toMatch(/^.*kubeconfig.*$/);
});

test("a kubeconfig that is not one is named", async () => {
  const path = join(folder, "broken");
  await writeFile(path, "clusters: [\n");
  expect(await refusal([`--kubeconfig=${path}`], path)).toMatch(/^.*kubeconfig.*$/);
});

test("an API server that cannot be reached is named", async () => {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  expect(await refusal([`--apiserver=http://${address}`], address)).toMatch(/^.*API server.*$/i);
});

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("with an API server", () => {
  test("a port that is in use is named", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const line = await refusal(
        [
          `--kubeconfig=${cluster!.kubeconfigPath}`,
          "--host=127.0.0.1",
          "--telemetry-host=127.0.0.1",
          "--telemetry-port=0",
          `--port=${port}`,
        ],
        String(port),
      );
      expect(line).toMatch(/^.*in use.*$/);
    } finally {
      server.close();
    }
  });

  test("a token that the API server does not accept is refused", async () => {
    const path = join(folder, "wrong-token");
    const { url, caFile } = cluster!;
    await writeFile(
      path,
      JSON.stringify({
        clusters: [{ name: "a", cluster: { server: url, "certificate-authority": caFile } }],
        users: [{ name: "a", user: { token: "wrong" } }],
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        "current-context": "a",
      }),
    );
    expect(await refusal([`--kubeconfig=${path}`], "401")).toMatch(/^.*unauthorized.*$/i);
  });
});
