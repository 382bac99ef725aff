import { parseExposition } from "@kube-state-mosaic/exposition";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  Coordinator,
  coordinatorApp,
  listedWorkers,
  type CoordinatorSettings,
} from "../src/index.ts";
import { ShardServer } from "./shard-server.ts";

async function startCoordinator(urls: readonly string[], more: Partial<CoordinatorSettings> = {}) {
  const lines: string[] = [];
  const logger = createLogger({
    format: "text",
    level: "info",
    destination: { write: (line) => void lines.push(line) },
  });
  let now = 0;
  const coordinator = new Coordinator(
    {
      source: listedWorkers(urls),
      onMissingShard: "fail",
      fetchTimeoutMs: 2_000,
      // Two scrapes of a test are never within a second of each other.
      clock: { now: () => (now += 2_000), wall: () => 0 },
      ...more,
    },
    logger,
  );
  const page = {
    title: "coordinator",
    version: "v0",
  };
  const app = coordinatorApp({ coordinator, page, gzip: true, selfSamples: false });
  return {
    coordinator,
    lines,
    get: (path: string, headers: Record<string, string> = {}) => app.request(path, { headers }),
    [Symbol.asyncDispose]: () => coordinator.close(),
  };
}

async function threeShards() {
  const shards: ShardServer[] = [];
  for (const shard of [0, 1, 2]) {
    const server = await ShardServer.start({ shard, totalShards: 3 });
    server.set([`pod-${shard}-a`, `pod-${shard}-b`]);
    shards.push(server);
  }
  return {
    shards,
    urls: shards.map(({ url }) => url),
    async [Symbol.asyncDispose]() {
      for (const shard of shards) await shard[Symbol.asyncDispose]();
    },
  };
}

test("each family has one header and the samples of all shards, whatever the order of the list", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls.toReversed());
  const response = await coordinator.get("/metrics");
  expect(response.status).toBe(200);
  const text = await response.text();
  const families = parseExposition(text, "text");
  expect(families.map(({ name, samples }) => [name, samples.length])).toEqual([
    ["kube_pod_info", 6],
    ["kube_pod_created", 6],
  ]);
  expect(text.match(/^# HELP/gm)).toHaveLength(2);
  expect([...text.matchAll(/kube_pod_info\{pod="([^"]*)"/g)].map((match) => match[1])).toEqual(
    [0, 1, 2].flatMap((shard) => [`pod-${shard}-a`, `pod-${shard}-b`]),
  );
  expect(response.headers.get("x-mosaic-total-shards")).toBe("3");
});

test("gzip and OpenMetrics are the same samples", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls);
  const text = await (await coordinator.get("/metrics")).text();
  const zipped = await coordinator.get("/metrics", { "accept-encoding": "gzip" });
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  const inflated = zipped.body!.pipeThrough(new DecompressionStream("gzip"));
  expect(await new Response(inflated).text()).toBe(text);
  const accept = "application/openmetrics-text; version=1.0.0";
  expect(await (await coordinator.get("/metrics", { accept })).text()).toBe(`${text}# EOF\n`);
});

test("a quiet shard sends no block twice, and a changed one only what is new", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls);
  await coordinator.get("/metrics");
  const [first, second] = cluster.shards;
  const before = first!.bytesSent;
  await coordinator.get("/metrics");
  const quiet = first!.bytesSent - before;
  expect(quiet).toBeLessThan(before);
  second!.set(["another"]);
  const text = await (await coordinator.get("/metrics")).text();
  expect(text).toContain('kube_pod_info{pod="another"} 1');
  expect(text).not.toContain("pod-1-a");
  expect(text).toContain("pod-0-a");
});

test("a worker that was restarted is read from the beginning", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls);
  await coordinator.get("/metrics");
  cluster.shards[1]!.incarnation = "two";
  cluster.shards[1]!.set(["after-restart"]);
  expect(await (await coordinator.get("/metrics")).text()).toContain("after-restart");
});

test.each([
  [
    "answers 503",
    (shard: ShardServer) => void (shard.failure = { status: 503, body: "not synced yet\npods\n" }),
    /answered 503: not synced yet pods/,
  ],
  [
    "sends something else",
    (shard: ShardServer) => void (shard.failure = { status: 200, body: "<html>" }),
    /its text ends without # EOF/,
  ],
  [
    "has another total",
    (shard: ShardServer) => void (shard.identity = { ...shard.identity, totalShards: 4 }),
    /one of 4 shards, but 3 workers/,
  ],
  [
    "has an ordinal twice",
    (shard: ShardServer) => void (shard.identity = { ...shard.identity, shard: 0 }),
    /is shard 0, and so is/,
  ],
  [
    "has another hash",
    (shard: ShardServer) => void (shard.identity = { ...shard.identity, hash: "xxh64" }),
    /different layouts/,
  ],
])(
  "a shard that %s makes a 503 that names it, and the next scrape is whole again",
  async (_, spoil, wanted) => {
    await using cluster = await threeShards();
    await using coordinator = await startCoordinator(cluster.urls);
    const shard = cluster.shards[2]!;
    const { identity } = shard;
    spoil(shard);
    const refused = await coordinator.get("/metrics");
    expect(refused.status).toBe(503);
    const body = await refused.text();
    expect(body).toMatch(wanted);
    expect(body).toContain(shard.url);
    expect(coordinator.coordinator.readiness().ready).toBe(false);
    expect(coordinator.lines.join("")).toMatch(wanted);
    shard.failure = undefined;
    shard.identity = identity;
    expect((await coordinator.get("/metrics")).status).toBe(200);
    expect(coordinator.coordinator.readiness().ready).toBe(true);
  },
);

test("a shard that cannot be reached makes a 503 that names it", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls);
  await cluster.shards[1]![Symbol.asyncDispose]();
  const response = await coordinator.get("/metrics");
  expect(response.status).toBe(503);
  expect(await response.text()).toMatch(
    new RegExp(`\\(${cluster.urls[1]}\\): .*ECONNREFUSED`, "m"),
  );
});

test("?resources= selects, and a resource without objects anywhere has no header", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls);
  expect(await (await coordinator.get("/metrics?resources=nodes")).text()).toBe("");
  expect(await (await coordinator.get("/metrics?exclude_resources=pods")).text()).toBe("");
  for (const shard of cluster.shards) shard.set([]);
  expect(await (await coordinator.get("/metrics")).text()).toBe("");
});

test("gzip says what text says: at first, while nothing changes, and after a change", async () => {
  await using cluster = await threeShards();
  await using coordinator = await startCoordinator(cluster.urls);
  const both = async (accept: string) => {
    const text = await coordinator.get("/metrics", { accept, "accept-encoding": "identity" });
    const gzip = await coordinator.get("/metrics", { accept, "accept-encoding": "gzip" });
    expect(gzip.headers.get("content-encoding")).toBe("gzip");
    const answer = await text.text();
    expect(gunzipSync(Buffer.from(await gzip.arrayBuffer())).toString()).toBe(answer);
    return answer;
  };
  for (const accept of ["text/plain", "application/openmetrics-text; version=1.0.0"]) {
    cluster.shards[1]!.set(["pod-1-a", "pod-1-b"]);
    const first = await both(accept);
    expect(await both(accept)).toBe(first);
    cluster.shards[1]!.set(["pod-1-a", "pod-1-c"]);
    expect(await both(accept)).toBe(first.replaceAll("pod-1-b", "pod-1-c"));
  }
});

test("workers behind a path are asked below it", async () => {
  await using cluster = await threeShards();
  const urls = cluster.urls.map((url) => `${url}/shards/`);
  await using coordinator = await startCoordinator(urls);
  expect((await coordinator.get("/metrics")).status).toBe(200);
  expect(cluster.shards.flatMap(({ requests }) => requests)).toEqual(
    urls.map(() => "/shards/blocks"),
  );
});
