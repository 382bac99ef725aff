import { parseExposition } from "@kube-state-mosaic/exposition";
import { startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import { decodeBlocks } from "@kube-state-mosaic/store";
import { expect, test } from "vitest";
import { fixedPlacement, fixedView } from "../src/index.ts";
import { startWorker, until } from "./fixture.ts";

function pod(name: string, namespace = "default") {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [{ name: "main", image: "image" }] },
    status: { phase: "Running" },
  };
}

function podNames(text: string): string[] {
  return [...text.matchAll(/^kube_pod_info\{namespace="[^"]*",pod="([^"]*)"/gm)]
    .map((match) => match[1]!)
    .toSorted();
}

test("an object that appears, changes and goes does so on /metrics", async () => {
  await using fixture = await startWorker({});
  await fixture.ready();
  const { server, scrape } = fixture;
  server.create("pods", pod("a"));
  await until(async () => podNames(await scrape()).length === 1);
  server.patch("pods", { namespace: "default", name: "a" }, { status: { phase: "Failed" } });
  await until(async () => (await scrape()).includes('pod="a",uid="'));
  await until(async () => /kube_pod_status_phase\{.*phase="Failed"\} 1/.test(await scrape()));
  expect(podNames(await scrape())).toEqual(["a"]);
  server.delete("pods", { namespace: "default", name: "a" });
  await until(async () => podNames(await scrape()).length === 0);
});

test("before the first complete list /metrics and /blocks are 503 and name what is missing, and so does readiness", async () => {
  const server = await startFakeKubernetes();
  const held = Promise.withResolvers<void>();
  server.faults.on({ path: "/api/v1/pods" }, { kind: "hold", until: held.promise });
  {
    await using fixture = await startWorker({ names: ["pods", "nodes"] }, server);
    await until(() => fixture.worker.readiness().waiting.join() === "pods");
    for (const path of ["/metrics", "/blocks"]) {
      const response = await fixture.app.request(path);
      expect(response.status).toBe(503);
      expect(await response.text()).toMatch(/^pods$/m);
    }
    // Only what a scrape asks for has to be there.
    expect((await fixture.app.request("/metrics?resources=nodes")).status).toBe(200);
    held.resolve();
  }
  await server.close();
});

test("a resource that the API server refuses holds up nothing and is named in the metrics", async () => {
  const server = await startFakeKubernetes();
  server.faults.on({ path: "/api/v1/nodes" }, { kind: "status", code: 403, reason: "Forbidden" });
  {
    await using fixture = await startWorker({ names: ["pods", "nodes"] }, server);
    server.create("pods", pod("a"));
    await fixture.ready();
    await until(async () => podNames(await fixture.scrape()).length === 1);
    fixture.worker.measure(Date.now() / 1000);
    expect(await fixture.telemetry.text()).toMatch(
      /^kube_state_mosaic_resource_synced\{resource="nodes"\} 0$/m,
    );
  }
  await server.close();
});

test("an exposition is strict text and strict OpenMetrics, and gzip is the same text", async () => {
  await using fixture = await startWorker({ names: ["pods", "namespaces"] });
  for (const name of ["a", "b", "c"]) fixture.server.create("pods", pod(name));
  await fixture.ready();
  await until(async () => podNames(await fixture.scrape()).length === 3);
  const text = await fixture.scrape();
  expect(parseExposition(text, "text").length).toBeGreaterThan(40);
  const openMetrics = await fixture.scrape("/metrics", {
    accept: "application/openmetrics-text; version=1.0.0",
  });
  expect(parseExposition(openMetrics, "openmetrics").length).toBeGreaterThan(40);
  expect(openMetrics).toBe(`${text}# EOF\n`);
  const zipped = await fixture.app.request("/metrics", { headers: { "accept-encoding": "gzip" } });
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  const inflated = zipped.body!.pipeThrough(new DecompressionStream("gzip"));
  expect(await new Response(inflated).text()).toBe(text);
});

test("shards say which they are, and together own every object once", async () => {
  const server = await startFakeKubernetes();
  const names = Array.from({ length: 60 }, (_, index) => `pod-${String(index).padStart(2, "0")}`);
  for (const name of names) server.create("pods", pod(name));
  {
    const seen: string[] = [];
    for (const shard of [0, 1, 2]) {
      await using fixture = await startWorker(
        {
          placement: fixedPlacement(jumpOwnership(shard, 3)),
          views: fixedView({ shard, totalShards: 3, hash: "jump", epoch: 0 }),
        },
        server,
      );
      await fixture.ready();
      const response = await fixture.app.request("/metrics");
      expect(response.headers.get("x-mosaic-shard")).toBe(String(shard));
      expect(response.headers.get("x-mosaic-total-shards")).toBe("3");
      expect(response.headers.get("x-mosaic-hash")).toBe("jump");
      const own = podNames(await response.text());
      expect(own.length).toBeGreaterThan(5);
      seen.push(...own);
    }
    expect(seen.toSorted()).toEqual(names);
  }
  await server.close();
});

test("with namespaces, only their objects are there, in the order of the list", async () => {
  const server = await startFakeKubernetes();
  for (const namespace of ["a", "b", "c"]) server.create("pods", pod("p", namespace));
  {
    await using fixture = await startWorker({ namespaces: ["c", "a"] }, server);
    await fixture.ready();
    const namespaces = [
      ...(await fixture.scrape()).matchAll(/^kube_pod_info\{namespace="(.)"/gm),
    ].map((match) => match[1]);
    expect(namespaces).toEqual(["c", "a"]);
  }
  await server.close();
});

test("an event without UID is an error that is counted, and what is known of the object stays", async () => {
  await using fixture = await startWorker({});
  const { server, telemetry, scrape } = fixture;
  server.create("pods", pod("a"));
  await fixture.ready();
  await until(async () => podNames(await scrape()).length === 1);
  server.faults.on(
    { verb: "watch", path: "/api/v1/pods" },
    { kind: "strip-uid", event: ({ type }) => type === "MODIFIED" },
  );
  server.interrupt("end");
  await until(async () => {
    server.patch("pods", { namespace: "default", name: "a" }, { status: { phase: "Failed" } });
    return (await telemetry.text()).includes('decode_errors_total{resource="pods"}');
  });
  expect(await scrape()).toMatch(/kube_pod_status_phase\{.*phase="Running"\} 1/);
});

test("resources can be added and removed while the others go on", async () => {
  await using fixture = await startWorker({ names: ["pods"] });
  fixture.server.create("pods", pod("a"));
  await fixture.ready();
  await until(async () => podNames(await fixture.scrape()).length === 1);
  fixture.worker.add(resources["services"]!);
  await fixture.ready();
  expect(fixture.server.requests.filter(({ path }) => path === "/api/v1/pods")).toHaveLength(1);
  await fixture.worker.remove("pods");
  expect(podNames(await fixture.scrape())).toEqual([]);
});

test("/blocks sends what is new since the last time, and everything to whoever names another incarnation", async () => {
  await using fixture = await startWorker({});
  fixture.server.create("pods", pod("a"));
  await fixture.ready();
  await until(async () => podNames(await fixture.scrape()).length === 1);
  const fetchBlocks = async (query: string): Promise<Buffer> =>
    Buffer.from(await (await fixture.app.request(`/blocks${query}`)).arrayBuffer());
  const whole = decodeBlocks(await fetchBlocks(""));
  const { incarnation, token } = whole.manifest;
  const quiet = await fetchBlocks(`?since=${incarnation}:${token}`);
  expect(decodeBlocks(quiet, whole).families).toEqual(whole.families);
  expect(quiet.length).toBeLessThan(1_000);
  expect(() => decodeBlocks(quiet)).toThrow("is not held");
  const other = await fetchBlocks(`?since=other:${token}`);
  expect(decodeBlocks(other).families).toHaveLength(whole.families.length);
  for (const end of [0, 4, 12, 40, other.length - 40, other.length - 1])
    expect(() => decodeBlocks(other.subarray(0, end))).toThrow("blocks frame refused");
});

test("/blocks tells the time of the worker's clock, to the millisecond", async () => {
  await using fixture = await startWorker({});
  await fixture.ready();
  const before = Date.now();
  const response = await fixture.app.request("/blocks");
  const text = response.headers.get("x-mosaic-time")!;
  expect(text).toMatch(/^\d+\.\d{3}$/);
  expect(Number(text) * 1000).toBeGreaterThanOrEqual(before - 1);
  expect(Number(text) * 1000).toBeLessThanOrEqual(Date.now() + 1);
});

test("/owner tells whether an object is kept and shown here", async () => {
  await using fixture = await startWorker({});
  fixture.server.create("pods", pod("a"));
  await fixture.ready();
  await until(async () => podNames(await fixture.scrape()).length === 1);
  const { uid } = fixture.server.get("pods", { namespace: "default", name: "a" })!.metadata!;
  const ask = async (name: string) =>
    (await fixture.app.request(`/owner?uid=${name}`)).json() as Promise<unknown>;
  expect(await ask(uid!)).toMatchObject({ kept: true, held: [{ resource: "pods" }], waiting: [] });
  expect(await ask("unknown")).toEqual({ kept: true, held: [], waiting: [] });
});

test("with an object limit the metrics say what was listed, the limit, and that it was reached", async () => {
  const server = await startFakeKubernetes();
  for (const name of ["a", "b", "c"]) server.create("pods", pod(name));
  {
    await using fixture = await startWorker({ objectLimit: 2 }, server);
    await fixture.ready();
    expect(podNames(await fixture.scrape())).toEqual(["a", "b"]);
    const text = await fixture.telemetry.text();
    expect(text).toContain('kube_state_metrics_list_objects{resource="*v1.Pod"} 2');
    expect(text).toContain('kube_state_metrics_list_objects_limit{resource="*v1.Pod"} 2');
    expect(text).toContain('kube_state_mosaic_lists_truncated_total{resource="pods"} 1');
  }
  await server.close();
});
