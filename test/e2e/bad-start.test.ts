import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { type Daemon, freePorts, kubeconfig } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedCluster } from "./environment.ts";
import { startProgram } from "./exporter.ts";

const anyPorts = [
  "--host=127.0.0.1",
  "--port=0",
  "--telemetry-host=127.0.0.1",
  "--telemetry-port=0",
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bad-start-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs it until it ends by itself, and returns its error, which must be its last line, the only one of its kind, and without a stack trace; otherwise all that it said. */
async function refusal(args: readonly string[]): Promise<string> {
  await using daemon: Daemon = await startProgram(args);
  const timer = setTimeout(() => daemon.kill("SIGKILL"), 20_000);
  const exit = await daemon.exited;
  clearTimeout(timer);
  const errors = daemon.lines.filter((line) => /^error: |^\s+at /.test(line));
  const last = daemon.lines.at(-1);
  if (exit.code !== null && exit.code !== 0 && errors.length === 1 && errors[0] === last)
    return errors.join();
  return [`not one clear error: ${JSON.stringify(exit)}`, ...daemon.lines].join("\n");
}

test("an unknown flag is refused by name", async () => {
  expect(await refusal(["--no-such-flag=1"])).toMatch(/^error: .*--no-such-flag.*no such flag.*$/);
});

test("a value of the wrong type is refused with its flag", async () => {
  expect(await refusal(["--port=eighty"])).toMatch(/^error: .*port.*eighty.*$/);
});

test("a positional argument that is no sub-command is refused", async () => {
  expect(await refusal(["explode"])).toMatch(/^error: .*explode.*$/);
});

test("an unknown resource is refused by name", async () => {
  expect(await refusal(["--resources=pods,ferries"])).toMatch(/^error: .*resource.*ferries.*$/);
});

test("an allow list and a deny list together are refused", async () => {
  const args = ["--metric-allowlist=a", "--metric-denylist=b"];
  expect(await refusal(args)).toMatch(/^error: .*metric-allowlist.*metric-denylist.*$/);
});

test("a kubeconfig that does not exist is named", async () => {
  const path = join(folder, "absent");
  expect(await refusal([`--kubeconfig=${path}`])).toMatch(new RegExp(`^error: .*${path}.*$`));
});

test("a kubeconfig that is not one is named", async () => {
  const path = join(folder, "broken");
  await writeFile(path, "clusters: [\n");
  expect(await refusal([`--kubeconfig=${path}`])).toMatch(new RegExp(`^error: .*${path}.*$`));
});

test("an API server that cannot be reached is named once the time for it is over", async () => {
  const [port] = await freePorts(1);
  const args = [`--apiserver=http://127.0.0.1:${port}`, "--startup-timeout=1s", ...anyPorts];
  expect(await refusal(args)).toMatch(new RegExp(`^error: the API server .*127.0.0.1:${port}.*$`));
});

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("with an API server", () => {
  test("a port that is in use is named", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const kubeconfig = `--kubeconfig=${cluster!.kubeconfigPath}`;
      for (const flag of ["port", "telemetry-port"])
        expect(await refusal([kubeconfig, ...anyPorts, `--${flag}=${port}`])).toMatch(
          new RegExp(`^error: .*:${port}: another process uses this port.*--${flag}$`),
        );
    } finally {
      server.close();
    }
  });

  test("a token that the API server does not accept is refused", async () => {
    const path = join(folder, "wrong-token");
    const { url, caFile } = cluster!;
    await writeFile(path, kubeconfig({ url, caFile, token: "wrong" }));
    expect(await refusal([`--kubeconfig=${path}`, ...anyPorts])).toMatch(
      /^error: .*401 Unauthorized.*$/,
    );
  });

  test("an API server whose certificate is not trusted is refused", async () => {
    const path = join(folder, "wrong-authority");
    const caFile = join(folder, "wrong-authority.crt");
    await writeFile(caFile, rootCertificates[0] ?? "");
    const { url, token } = cluster!;
    await writeFile(path, kubeconfig({ url, caFile, token }));
    expect(await refusal([`--kubeconfig=${path}`, ...anyPorts])).toMatch(
      /^error: the certificate of the API server .*$/,
    );
  });
});
