import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createListReader, decode, pod } from "@kube-state-mosaic/wire";
import { describe, expect, test } from "vitest";
import { live, populate, startFakeKubernetes, type FakeKubernetes } from "../src/index.ts";
import { fnv1a64 } from "../src/fnv1a64.ts";
import { builtInResources } from "../src/resources.ts";
import { ApiClient } from "./api-client.ts";

const protobuf = "application/vnd.kubernetes.protobuf";

async function populated(pods: number, seed = 1): Promise<FakeKubernetes> {
  const fake = await startFakeKubernetes();
  populate(fake, { pods, seed });
  return fake;
}

function uidsOf(fake: FakeKubernetes): string[] {
  return builtInResources.flatMap(({ path }) => fake.names(path).map(({ uid }) => uid));
}

describe("a synthetic cluster", () => {
  test("has exactly the pods that were asked for, and something of every resource", async () => {
    await using fake = await populated(1000);
    expect(fake.count("pods")).toBe(1000);
    const empty = builtInResources
      .filter(({ name, path }) => name !== "customresourcedefinitions" && fake.count(path) === 0)
      .map(({ name }) => name);
    expect(empty).toEqual([]);
  });

  test.each([0, 1, 7])("can have %i pods", async (pods) => {
    await using fake = await populated(pods);
    expect(fake.count("pods")).toBe(pods);
    expect(fake.count("nodes")).toBe(3);
  });

  test("is the same for the same seed, and another for another", async () => {
    await using one = await populated(50, 7);
    await using same = await populated(50, 7);
    await using other = await populated(50, 8);
    expect(same.list("pods")).toEqual(one.list("pods"));
    expect(same.list("leases")).toEqual(one.list("leases"));
    expect(other.names("pods")).not.toEqual(one.names("pods"));
  });

  test("has random version 4 uids, unique and spread evenly over the hash space", async () => {
    await using fake = await populated(4000);
    const uids = uidsOf(fake);
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids)
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const shards = [0, 0, 0, 0];
    for (const { uid } of fake.names("pods")) shards[fnv1a64(uid).high >>> 30]!++;
    // Each of four quarters gets 1,000 ± 4 standard deviations of 27.
    for (const count of shards) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  test("has pods of the size of real ones, which both encodings describe alike", async () => {
    await using fake = await populated(200);
    const api = new ApiClient({ baseUrl: fake.url, headers: {} });
    const read = async (accept: string): Promise<{ bytes: number; pods: unknown[] }> => {
      const { bytes, headers } = await api.send("/api/v1/pods", { accept });
      const reader = createListReader(headers["content-type"] ?? "");
      reader.push(bytes);
      const pods: unknown[] = [];
      for (let item = reader.next(); item !== undefined; item = reader.next())
        pods.push(decode(pod, item));
      reader.end();
      return { bytes: bytes.length / pods.length, pods };
    };
    const json = await read("application/json");
    const binary = await read(protobuf);
    expect(binary.pods).toEqual(json.pods);
    expect(json.pods).toHaveLength(200);
    expect(json.bytes).toBeGreaterThan(8_500);
    expect(json.bytes).toBeLessThan(10_500);
    expect(binary.bytes).toBeGreaterThan(5_700);
    expect(binary.bytes).toBeLessThan(7_500);
  });

  test("has owners, nodes and claims that exist", async () => {
    await using fake = await populated(500);
    const uids = new Set(
      ["replicasets", "statefulsets", "daemonsets", "jobs"].flatMap((resource) =>
        fake.names(resource).map(({ uid }) => uid),
      ),
    );
    const nodes = new Set(fake.names("nodes").map(({ name }) => name));
    for (const { metadata, spec } of fake.list("pods")) {
      expect(uids.has(metadata?.ownerReferences?.[0]?.uid ?? "")).toBe(true);
      const { nodeName = "node-0000" } = spec as { nodeName?: string };
      expect(nodes).toContain(nodeName);
    }
  });
});

describe("a living cluster", () => {
  /** A clock that each wait moves on, and the signal after so many waits. */
  function simulated(beats: number): {
    now: () => number;
    delay: (milliseconds: number) => Promise<void>;
    signal: AbortSignal;
  } {
    const controller = new AbortController();
    let time = Date.UTC(2026, 0, 1);
    let left = beats;
    return {
      now: () => time,
      delay: async (milliseconds) => {
        time += milliseconds;
        if (left-- === 0) controller.abort();
      },
      signal: controller.signal,
    };
  }

  test("makes as many changes a second as it was told, the same ones for the same seed", async () => {
    const run = async (): Promise<{ versions: number; pods: unknown }> => {
      await using fake = await populated(100);
      const before = fake.resourceVersion;
      await live(fake, { changesPerSecond: 40, seed: 3, ...simulated(100) });
      return { versions: fake.resourceVersion - before, pods: fake.list("pods") };
    };
    const first = await run();
    // 200 changes in 5 seconds; a replaced pod is two versions, a change to the same value is none.
    expect(first.versions).toBeGreaterThan(180);
    expect(first.versions).toBeLessThan(300);
    expect(await run()).toEqual(first);
  });

  test("keeps the number of pods while pods come, go and crash, deployments roll and nodes flap", async () => {
    await using fake = await populated(100);
    const api = new ApiClient({ baseUrl: fake.url, headers: {} });
    const from = fake.resourceVersion;
    await live(fake, { changesPerSecond: 100, ...simulated(100) });
    expect(fake.count("pods")).toBe(100);
    expect(new Set(uidsOf(fake)).size).toBe(uidsOf(fake).length);
    using watch = await api.watch(`/api/v1/pods?watch=true&resourceVersion=${from}`);
    await watch.until(({ events }) => events.length > 100);
    expect(new Set(watch.events.map(({ type }) => type))).toEqual(
      new Set(["ADDED", "MODIFIED", "DELETED"]),
    );
    for (const resource of ["deployments", "nodes"]) {
      const { items } = await api.json(
        `/${resource === "nodes" ? "api/v1" : "apis/apps/v1"}/${resource}`,
      );
      const newest = Math.max(
        ...items.map((item: { metadata: { resourceVersion: string } }) =>
          Number(item.metadata.resourceVersion),
        ),
      );
      expect(newest).toBeGreaterThan(from);
    }
  });

  test("an empty cluster stays empty", async () => {
    await using fake = await startFakeKubernetes();
    const before = fake.resourceVersion;
    await live(fake, { changesPerSecond: 100, ...simulated(10) });
    expect(fake.resourceVersion).toBe(before);
  });
});

test("as a process of its own it prints its URL as a line of JSON and ends on SIGTERM", async () => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, "--pods", "20", "--changes-per-second", "50"]);
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { url, pods } = JSON.parse(line.toString()) as { url: string; pods: number };
    expect(pods).toBe(20);
    expect(
      (await new ApiClient({ baseUrl: url, headers: {} }).json("/api/v1/pods"))["items"],
    ).toHaveLength(20);
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});
