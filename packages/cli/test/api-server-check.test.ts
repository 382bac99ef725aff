import { startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { expect, test } from "vitest";
import { awaitApiServer } from "../src/api-server-check.ts";

async function check(server: string, timeoutMs: number) {
  const lines: string[] = [];
  const logger = createLogger({
    format: "text",
    level: "info",
    destination: { write: (line) => void lines.push(line) },
  });
  const cluster = await loadCluster({ apiserver: server, environment: {} });
  await using client = new ApiClient({ cluster });
  const { signal } = new AbortController();
  const version = await awaitApiServer({ client, server, timeoutMs, logger, signal });
  return { version, lines };
}

test("an API server that answers is known by its version", async () => {
  await using server = await startFakeKubernetes({ gitVersion: "v1.36.3" });
  expect(await check(server.url, 0)).toEqual({ version: "v1.36.3", lines: [] });
});

test("one that is away for a moment is tried again, and said so", async () => {
  await using server = await startFakeKubernetes();
  server.faults.on({ path: "/version" }, { kind: "status", code: 503, form: "text" });
  const { version, lines } = await check(server.url, 5_000);
  expect(version).not.toBe("");
  expect(lines.join("")).toMatch(/cannot be reached yet.*503/);
});

test("one that stays away is an error that names it, the time and the flag", async () => {
  await expect(check("http://127.0.0.1:1", 0)).rejects.toThrow(
    /http:\/\/127\.0\.0\.1:1 could not be reached within 0 s \(--startup-timeout\)/,
  );
});

test("refused credentials end the wait at once", async () => {
  await using server = await startFakeKubernetes({
    tokens: { right: { username: "u", groups: [] } },
  });
  await expect(check(server.url, 60_000)).rejects.toThrow(/does not accept the credentials/);
});
