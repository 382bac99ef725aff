import {
  populate,
  startFakeKubernetes,
  type FakeKubernetes,
} from "@kube-state-mosaic/fake-kubernetes";
import {
  ApiClient,
  ListSlots,
  loadCluster,
  Slices,
  systemClock,
} from "@kube-state-mosaic/kubernetes";
import { renderer, resources } from "@kube-state-mosaic/metric-families";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import { HotBudget } from "@kube-state-mosaic/store";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { expect, test } from "vitest";
import { defaultProbeTimes, Prober, type ProbeTimes } from "../src/prober.ts";
import { ResourceStream } from "../src/resource-stream.ts";
import { fixedPlacement, type AnswerableView } from "../src/index.ts";
import { until } from "./fixture.ts";

const minute = 60_000;
const everything = { slots: undefined, gainers: undefined };

function viewOf(shard: number, totalShards: number): AnswerableView {
  return { identity: { shard, totalShards, hash: "jump", epoch: 0 } };
}

/** A running stream of pods, and a prober under a clock of the test's own. */
async function scene(query: Record<string, string> = {}, times: Partial<ProbeTimes> = {}) {
  const server = await startFakeKubernetes({ bookmarkIntervalSeconds: 0.1 });
  populate(server, { pods: 1_200, seed: 4 });
  const cluster = await loadCluster({ apiserver: server.url, environment: {} });
  const client = new ApiClient({ cluster });
  const warnings: string[] = [];
  const logger = createLogger({
    format: "text",
    level: "warn",
    destination: { write: (line) => void warnings.push(line) },
  });
  const pods = resources["pods"]!;
  const none = () => undefined;
  const stream = new ResourceStream(
    {
      resource: pods,
      renderer: renderer(pods, { labelsAllowList: [], annotationsAllowList: [] }, () => true),
      namespace: undefined,
      query,
      observer: {
        onList: none,
        onWatch: none,
        onRelist: none,
        onFrameError: none,
        onDecodeError: none,
        onState: none,
      },
    },
    {
      client,
      placement: fixedPlacement(jumpOwnership(0, 1)),
      hotBudget: new HotBudget(1 << 20),
      lists: new ListSlots(4),
      slices: new Slices(systemClock),
      startJitterMs: 0,
      logger,
      useApiserverCache: false,
      objectLimit: 0,
      allowFullSecrets: false,
    },
  );
  const stopping = new AbortController();
  const running = stream.run(stopping.signal, () => undefined);
  await until(() => stream.state.synced);
  const prober = new Prober({ ...defaultProbeTimes, ...times }, logger);
  let now = 1_000_000;
  /** What has been asked for since the last look, beside what the stream itself does. */
  let seen = server.requests.length;
  const news = () => {
    const fresh = server.requests.slice(seen).filter(({ verb }) => verb === "list");
    seen = server.requests.length;
    return fresh.map(({ query: asked, headers }) => {
      const isMetadata = String(headers.accept).includes("PartialObjectMetadataList");
      return `${isMetadata ? "metadata" : "objects"} ${asked.get("limit")}`;
    });
  };
  return {
    server,
    stream,
    warnings,
    news,
    /** Lists that a look after so many milliseconds has led to. */
    async after(ms: number, view: AnswerableView | "none" = viewOf(0, 1)): Promise<string[]> {
      now += ms;
      const time = { now, signal: stopping.signal };
      await prober.tick([stream], view === "none" ? undefined : view, time);
      return news();
    },
    /** A look whose end is not waited for. */
    begin(ms: number): Promise<void> {
      now += ms;
      return prober.tick([stream], viewOf(0, 1), { now, signal: stopping.signal });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await client.close();
      await server.close();
    },
  };
}

async function relist(server: FakeKubernetes, stream: ResourceStream): Promise<void> {
  const before = stream.state.relists;
  server.faults.on({ path: "/api/v1/pods", verb: "watch" }, { kind: "status", code: 410 });
  server.interrupt("end", "/api/v1/pods");
  await until(() => stream.state.relists > before && stream.state.open);
}

const probe = "metadata 1";
/** Pages of 500 of at least 1,200 objects. */
const census = ["metadata 500", "metadata 500", "metadata 500"];

test("a size is asked for 5 s after the list, every 5 minutes from then on, and 5 s after each new list", async () => {
  await using s = await scene();
  expect(await s.after(0)).toEqual([]);
  expect(await s.after(4_999)).toEqual([]);
  expect(await s.after(1)).toEqual([probe]);
  expect(await s.after(5 * minute - 1)).toEqual([]);
  expect(await s.after(1)).toEqual([probe]);
  await relist(s.server, s.stream);
  s.news();
  expect(await s.after(1_000)).toEqual([]);
  expect(await s.after(5_000)).toEqual([probe]);
  expect(s.stream.accounting.report(everything, undefined).probe).toEqual({
    version: expect.any(Number),
    count: s.server.count("pods"),
  });
});

test("only the shard on duty asks, and one that shows nothing does not", async () => {
  await using s = await scene();
  const asking = [];
  for (let shard = 0; shard < 5; shard++) {
    await s.after(0, viewOf(shard, 5));
    if ((await s.after(5_000, viewOf(shard, 5))).length > 0) asking.push(shard);
  }
  expect(asking).toHaveLength(1);
  expect(await s.after(10 * minute, "none")).toEqual([]);
  expect(await s.after(10 * minute, { ...viewOf(0, 1), empty: true })).toEqual([]);
});

test("where a shard selector was sent it is asked for every minute, without it", async () => {
  const selector = "shardRange(object.metadata.uid, '0x0', '0x8000000000000000')";
  await using s = await scene({ shardSelector: selector });
  await s.after(0);
  expect(await s.after(5_000)).toEqual([probe]);
  expect(await s.after(minute)).toEqual([probe]);
  const asked = s.server.requests.findLast(({ query }) => query.get("limit") === "1");
  expect(asked?.query.has("shardSelector")).toBe(false);
  expect(s.stream.accounting.report(everything, undefined).probe?.count).toBe(
    s.server.count("pods"),
  );
});

test("where the API server does not tell the size, metadata is listed for it every 10 minutes", async () => {
  await using s = await scene({ fieldSelector: "metadata.namespace!=nowhere" });
  await s.after(0);
  expect(await s.after(5_000)).toEqual([probe, ...census]);
  expect(await s.after(5 * minute)).toEqual([probe]);
  expect(await s.after(5 * minute)).toEqual([probe, ...census]);
  for (const { query } of s.server.requests.filter(({ verb }) => verb === "list"))
    expect(query.get("fieldSelector")).toBe("metadata.namespace!=nowhere");
  const { probe: counted, view } = s.stream.accounting.report(everything, undefined);
  const { n, a, b } = view!;
  expect(counted).toMatchObject({ count: n, sums: { n, a, b } });
});

test("a census lists metadata in its time and tells the objects apart; counts go on between", async () => {
  await using s = await scene({}, { censusMs: 60 * minute });
  expect(await s.after(0)).toEqual([]);
  const lists: string[][] = [];
  for (let step = 0; step < 24; step++) lists.push(await s.after(5 * minute));
  expect(lists.filter((asked) => asked.length === 1).length).toBeGreaterThan(18);
  expect(lists.filter((asked) => asked.length > 1)).toEqual([census, census]);
});

test("two objects that are mistaken for each other have the same number and other sums", async () => {
  await using s = await scene({}, { censusMs: 1 });
  const [ghost] = s.server.names("pods");
  await s.after(0);
  s.server.faults.on(
    { path: "/api/v1/pods", verb: "watch", times: Infinity },
    { kind: "drop", event: ({ type }) => type !== "BOOKMARK" },
  );
  s.server.interrupt("end", "/api/v1/pods");
  s.server.delete("pods", ghost!);
  s.server.create("pods", { metadata: { name: "lost", namespace: "default" }, spec: {} });
  await s.after(5_001);
  const { probe: counted, view } = s.stream.accounting.report(everything, undefined);
  expect(counted?.count).toBe(view?.n);
  expect(counted?.sums?.a).not.toBe(view?.a);
  expect(counted?.sums?.b).not.toBe(view?.b);
});

test("what fails is warned of and asked again, and what was known before stays", async () => {
  await using s = await scene({}, { censusMs: 30 * minute });
  await s.after(0);
  await s.after(5_000);
  const known = s.stream.accounting.report(everything, undefined).probe;
  expect(known?.count).toBe(s.server.count("pods"));
  const remove = s.server.faults.on(
    { path: "/api/v1/pods", verb: "list", times: Infinity },
    { kind: "status", code: 500 },
  );
  for (let step = 0; step < 7; step++) await s.after(5 * minute);
  expect(s.warnings.length).toBeGreaterThan(5);
  expect(s.warnings[0]).toMatch(/could not be asked for.*pods/);
  expect(s.stream.accounting.report(everything, undefined).probe).toEqual(known);
  remove();
  s.news();
  expect(await s.after(5 * minute)).toEqual([probe]);
});

test("a list that breaks off in the middle is no census", async () => {
  await using s = await scene({}, { censusMs: 1 });
  await s.after(0);
  s.server.faults.on(
    { path: "/api/v1/pods", verb: "list", when: ({ query }) => query.has("continue") },
    { kind: "cut", afterBytes: 2_000, how: "reset" },
  );
  await s.after(5_001);
  expect(s.warnings).toHaveLength(1);
  expect(s.stream.accounting.report(everything, undefined).probe).toBeUndefined();
});

test("a stream that lists anew while a size is asked for is probed again", async () => {
  await using s = await scene();
  await s.after(0);
  const held = Promise.withResolvers<void>();
  s.server.faults.on(
    { path: "/api/v1/pods", when: ({ query }) => query.get("limit") === "1" },
    { kind: "hold", until: held.promise },
  );
  const first = s.begin(5_000);
  await relist(s.server, s.stream);
  await s.begin(1_000);
  held.resolve();
  await first;
  s.news();
  expect(await s.after(5_000)).toEqual([probe]);
});
