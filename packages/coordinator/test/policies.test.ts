import {
  firstLayout,
  nextLayout,
  type ActiveLayout,
  type Layout,
  type LayoutState,
} from "@kube-state-mosaic/sharding";
import { parseExposition } from "@kube-state-mosaic/exposition";
import { expect, test } from "vitest";
import { listedWorkers, type WorkerSource } from "../src/index.ts";
import { podsIn, Scene, value } from "./scene.ts";
import { podStore } from "./shard-server.ts";

async function two(): Promise<Scene> {
  const scene = new Scene();
  await scene.shard({ shard: 0, totalShards: 2 }, ["a"]);
  await scene.shard({ shard: 1, totalShards: 2 }, ["b"]);
  return scene;
}

test("stale: a shard that is gone is shown as it was for 5 minutes, with its age, then it is a refusal", async () => {
  await using scene = await two();
  const { get } = scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard: "stale",
  });
  expect(podsIn(await (await get()).text())).toEqual(["a", "b"]);
  scene.shards[1]!.failure = { status: 503, body: "starting" };
  scene.shards[0]!.set(["a", "a2"]);
  scene.now += 200_000;
  const text = await (await get()).text();
  expect(podsIn(text)).toEqual(["a", "a2", "b"]);
  expect(value(text, "kube_state_mosaic_oldest_manifest_age_seconds")).toBeCloseTo(201.5);
  expect(value(text, "kube_state_mosaic_shards_present")).toBe(1);
  expect(text).toContain('kube_state_mosaic_complete{resource="pods",reason="stale"} 0');
  scene.now += 100_000;
  const refused = await get();
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain("answered 503: starting");
});

test("omit: what answers is shown, and it says that a shard is missing", async () => {
  await using scene = await two();
  const { get } = scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard: "omit",
  });
  await get();
  scene.shards[1]!.failure = { status: 500, body: "" };
  const text = await (await get()).text();
  expect(podsIn(text)).toEqual(["a"]);
  expect(text).toContain('kube_state_mosaic_complete{resource="pods",reason="shard_missing"} 0');
  scene.shards[0]!.failure = { status: 500, body: "" };
  expect((await get()).status).toBe(503);
});

test("scrapes at one time share one round of fetches, and one that comes later gets a newer one", async () => {
  await using scene = await two();
  const { coordinator } = scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard: "fail",
  });
  const [first] = scene.shards;
  const release = Promise.withResolvers<void>();
  first!.held = release.promise;
  const early = [coordinator.cycle(), coordinator.cycle()];
  scene.now += 1_001;
  const late = [coordinator.cycle(), coordinator.cycle()];
  release.resolve();
  expect(await early[1]).toBe(await early[0]);
  expect(await late[1]).toBe(await late[0]);
  expect(await late[0]).not.toBe(await early[0]);
  expect(first!.requests).toHaveLength(2);
  expect(await coordinator.cycle()).toBe(await late[0]);
});

test("a scrape's own limit bounds the fetches: 40 % of it", async () => {
  await using scene = await two();
  const { get } = scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard: "fail",
  });
  const release = Promise.withResolvers<void>();
  scene.shards[1]!.held = release.promise;
  const response = await get("/metrics", { "x-prometheus-scrape-timeout-seconds": "0.5" });
  release.resolve();
  expect(response.status).toBe(503);
  expect(await response.text()).toContain("no complete answer within 0.2 s");
});

test("a worker that speaks another version of the protocol is read as text, among others that speak this one", async () => {
  await using scene = await two();
  const [, other] = scene.shards;
  other!.speaks = "application/vnd.kube-state-mosaic.blocks;version=9";
  other!.text = [
    "# HELP kube_pod_info Help.",
    "# TYPE kube_pod_info info",
    'kube_pod_info{pod="b"} 1',
    "# HELP kube_pod_created Help.",
    "# TYPE kube_pod_created gauge",
    'kube_pod_created{pod="b"} 1',
    "# HELP kube_other Of another release.",
    "# TYPE kube_other gauge",
    "kube_other 5",
    "# EOF\n",
  ].join("\n");
  const { get } = scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard: "fail",
    resourceOf: (family) => (family.startsWith("kube_pod_") ? "pods" : undefined),
  });
  const text = await (await get()).text();
  const families = parseExposition(text, "text");
  expect(podsIn(text)).toEqual(["a", "b"]);
  expect(families.filter(({ name }) => name === "kube_pod_info")).toHaveLength(1);
  expect(text).toContain("kube_other 5");
  expect(text).toContain('kube_state_mosaic_complete{resource="pods",reason="unknown"} 0');
  expect(podsIn(await (await get("/metrics?resources=pods")).text())).toEqual(["a", "b"]);
  other!.text = "# HELP kube_pod_info Help.\n# TYPE kube_pod_info info\n";
  expect((await get()).status).toBe(503);
});

test("/sd names workers and parts, and is an error while workers are not known", async () => {
  await using scene = await two();
  const { get } = scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard: "fail",
  });
  const workers = (await (await get("/sd")).json()) as {
    targets: string[];
    labels: Record<string, string>;
  }[];
  expect(workers.map(({ targets }) => `http://${targets[0]}`)).toEqual(
    scene.shards.map(({ url }) => url),
  );
  expect(workers[1]?.labels["__meta_kube_state_mosaic_shard"]).toBe("1");
  const parts = (await (await get("/sd?parts=2")).json()) as typeof workers;
  expect(parts.map(({ labels }) => labels["__param_part"])).toEqual(["1/2", "2/2"]);
  const lonely = scene.coordinator({
    source: {
      current: () => ({ layout: undefined, workers: [], problem: "no layout" }),
      watch: () => undefined,
    },
    onMissingShard: "stale",
  });
  expect((await lonely.get("/sd")).status).toBe(503);
  expect(await (await lonely.get()).text()).toBe("no layout\n");
});

test("two replicas answer the same bytes for the same blocks", async () => {
  await using scene = await two();
  const source = listedWorkers(scene.shards.map(({ url }) => url));
  const one = scene.coordinator({ source, onMissingShard: "fail" });
  const other = scene.coordinator({ source, onMissingShard: "fail" });
  await one.get();
  scene.shards[0]!.set(["a", "c"]);
  const bytes = async ({ get }: typeof one) =>
    Buffer.from(
      await (await get("/metrics?resources=pods", { "accept-encoding": "gzip" })).arrayBuffer(),
    );
  const both = await Promise.all([one, other].map(bytes));
  expect(both[0]).toEqual(both[1]);
});

/** Two members, then three: layouts of epoch 1 and 2, and the shards that serve them. */
async function handover() {
  const scene = new Scene();
  const first = firstLayout(1, ["0", "1"], "fnv1a64");
  const second = nextLayout(first, 2, ["0", "1", "2"]);
  const sourceOf = { uid: "set", generation: 1, start: 0, replicas: 2 };
  const active = (layout: typeof first, activateAt: number): ActiveLayout => ({
    ...layout,
    activateAt,
  });
  const state: { current: LayoutState } = {
    current: {
      v: 1,
      floor: 1,
      source: sourceOf,
      active: active(first, 0),
      pending: undefined,
      previous: undefined,
    },
  };
  const names = ["0", "1", "2"];
  for (const [index] of names.entries()) {
    const server = await scene.shard(
      { shard: index, totalShards: index < 2 ? 2 : 3, epoch: index < 2 ? 1 : 2 },
      [`e1-${index}`],
    );
    server.views.set(2, {
      identity: { shard: index, totalShards: 3, hash: "fnv1a64", epoch: 2 },
      store: podStore([`e2-${index}`]),
    });
    server.reports = [
      {
        name: "pods",
        resource: "pods",
        synced: true,
        version: 100,
        eventVersion: 100,
        undecodable: 0,
      },
    ];
  }
  const incarnations = new Map<string, string>();
  const configs = new Map<string, string>();
  const source: WorkerSource = {
    current: () => ({
      layout: state.current,
      problem: undefined,
      workers: names.map((ordinal, index) => ({
        ordinal,
        url: scene.shards[index]!.url,
        record: {
          incarnation: incarnations.get(ordinal) ?? "one",
          image: "",
          config: configs.get(ordinal) ?? "old",
          leaving: false,
          freshness: "fresh" as const,
          views: {},
          reason: "",
        },
      })),
    }),
    watch: () => undefined,
  };
  const commit = () => {
    state.current = {
      ...state.current,
      floor: 2,
      active: active(second, scene.wall + 5_000),
      previous: { epoch: 1, digest: first.digest },
    };
  };
  /** Another layout, of the first member alone, that nobody has seen coming. */
  const shrink = () => {
    const third = nextLayout(second, 3, ["0"]);
    const identity = { shard: 0, totalShards: 1, hash: "fnv1a64", epoch: 3 };
    scene.shards[0]!.views.set(3, { identity, store: podStore(["e3"]) });
    const { epoch, digest } = second;
    state.current = { ...state.current, active: active(third, 0), previous: { epoch, digest } };
    scene.wall += 60_000;
  };
  return { scene, source, commit, shrink, incarnations, configs, layouts: { first, second } };
}

test("the layout changes in the first answer in which the new shards have all that was shown, and all at once", async () => {
  const { scene, source, commit } = await handover();
  await using _ = scene;
  const { get, coordinator } = scene.coordinator({ source, onMissingShard: "stale" });
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "e1-1"]);
  commit();
  scene.shards[2]!.reports = [{ ...scene.shards[2]!.reports[0]!, version: 99 }];
  const waiting = await get();
  expect(podsIn(await waiting.text())).toEqual(["e1-0", "e1-1"]);
  expect(coordinator.last?.waitingFor).toEqual(["pods of shard 2"]);
  scene.shards[2]!.reports = [{ ...scene.shards[2]!.reports[0]!, version: 100 }];
  const switched = await get();
  expect(podsIn(await switched.text())).toEqual(["e2-0", "e2-1", "e2-2"]);
  expect(switched.headers.get("x-mosaic-epoch")).toBe("2");
});

test("a shard that was reading a list showed more than its version says: the change waits for its next answer", async () => {
  const { scene, source, commit } = await handover();
  await using _ = scene;
  const { get } = scene.coordinator({ source, onMissingShard: "stale" });
  const losing = scene.shards[1]!;
  const [report] = losing.reports;
  losing.reports = [{ ...report!, listing: true }];
  await get();
  commit();
  losing.reports = [{ ...report!, version: 120 }];
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "e1-1"]);
  scene.shards[2]!.reports = [{ ...report!, version: 119 }];
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "e1-1"]);
  scene.shards[2]!.reports = [{ ...report!, version: 120 }];
  expect(podsIn(await (await get()).text())).toEqual(["e2-0", "e2-1", "e2-2"]);
});

test("an epoch that was decided upon and refused has not been shown: it is decided upon anew", async () => {
  const { scene, source, commit } = await handover();
  await using _ = scene;
  const { get, coordinator } = scene.coordinator({ source, onMissingShard: "fail" });
  await get();
  commit();
  const [, absent, gaining] = scene.shards;
  const [report] = gaining!.reports;
  gaining!.reports = [{ ...report!, version: 99 }];
  expect((await get()).headers.get("x-mosaic-epoch")).toBe("1");
  gaining!.reports = [report!];
  absent!.failure = { status: 503, body: "" };
  expect((await get()).status).toBe(503);
  expect(coordinator.last?.epoch).toBe(2);
  absent!.failure = undefined;
  // A new process, which is behind: what the old one had does not count any more.
  gaining!.reports = [{ ...report!, version: 99 }];
  const again = await get();
  expect(again.headers.get("x-mosaic-epoch")).toBe("1");
  expect(podsIn(await again.text())).toEqual(["e1-0", "e1-1"]);
});

test("bytes received from a worker that is no member any more still count", async () => {
  const { scene, source, commit, shrink } = await handover();
  await using _ = scene;
  const { get, coordinator } = scene.coordinator({ source, onMissingShard: "stale" });
  commit();
  await get();
  const before = coordinator.bytesReceived;
  shrink();
  await get();
  expect(coordinator.last?.shards).toHaveLength(1);
  expect(coordinator.bytesReceived).toBeGreaterThan(before);
});

test("just before the old layout's end the change comes unproven, and says so", async () => {
  const { scene, source, commit } = await handover();
  await using _ = scene;
  const { get } = scene.coordinator({ source, onMissingShard: "stale" });
  await get();
  commit();
  scene.shards[2]!.reports = [{ ...scene.shards[2]!.reports[0]!, version: 99 }];
  await get();
  scene.wall += 31_000;
  const text = await (await get()).text();
  expect(podsIn(text)).toEqual(["e2-0", "e2-1", "e2-2"]);
  expect(text).toContain(
    'kube_state_mosaic_complete{resource="pods",reason="handover_unproven"} 0',
  );
});

test("a shard that is gone since before the change is shown as it was, in the slots that stay with it", async () => {
  const { scene, source, commit, layouts } = await handover();
  await using _ = scene;
  const slotsOf = (layout: Layout, index: number): number[] =>
    [...layout.slots].flatMap((owner, slot) => (owner === index ? [slot] : []));
  const moving = slotsOf(layouts.second, 2).find((slot) => layouts.first.slots[slot] === 1)!;
  const staying = slotsOf(layouts.second, 1)[0]!;
  scene.shards[1]!.set([
    { name: "moves", uid: "m", version: 5, hashSlot: moving },
    { name: "stays", uid: "s", version: 6, hashSlot: staying },
  ]);
  const { get, coordinator } = scene.coordinator({ source, onMissingShard: "stale" });
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "moves", "stays"]);
  scene.shards[1]!.failure = { status: 503, body: "gone" };
  commit();
  scene.shards[2]!.views.set(2, {
    identity: { shard: 2, totalShards: 3, hash: "fnv1a64", epoch: 2 },
    store: podStore([{ name: "moves", uid: "m", version: 5, hashSlot: moving }]),
  });
  await get();
  scene.wall += 31_000;
  for (let scrape = 0; scrape < 3; scrape++) {
    const text = await (await get()).text();
    expect(coordinator.last?.epoch).toBe(2);
    expect(podsIn(text)).toEqual(["e2-0", "stays", "moves"]);
    expect(text).toContain('kube_state_mosaic_complete{resource="pods",reason="stale"} 0');
  }
});

test("a shard that is gone and should have gained slots is missing: nothing that was said before stands for them", async () => {
  const { scene, source, commit } = await handover();
  await using _ = scene;
  const { get } = scene.coordinator({ source, onMissingShard: "stale" });
  await get();
  commit();
  scene.shards[2]!.failure = { status: 503, body: "not synced" };
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "e1-1"]);
  scene.wall += 31_000;
  const refused = await get();
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain("shard 2");
});

test("only the process that is registered counts: another one under its address is not it", async () => {
  const { scene, source, incarnations } = await handover();
  await using _ = scene;
  const { get } = scene.coordinator({ source, onMissingShard: "stale" });
  await get();
  incarnations.set("1", "two");
  scene.shards[1]!.set(["twin"]);
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "e1-1"]);
  scene.shards[1]!.incarnation = "two";
  expect(podsIn(await (await get()).text())).toEqual(["e1-0", "twin"]);
});

test("shards that run with different flags are shown, but not called complete", async () => {
  const { scene, source, configs } = await handover();
  await using _ = scene;
  const { get } = scene.coordinator({ source, onMissingShard: "stale" });
  const sums = { n: 1, a: 1, b: 1, since: 100, points: [100, 1, 1, 1] };
  const stream = { ...sums, n: 2, a: 2, b: 2, points: [100, 2, 2, 2] };
  for (const server of scene.shards)
    server.reports = [{ ...server.reports[0]!, view: sums, stream }];
  expect(await (await get()).text()).toContain(
    'kube_state_mosaic_complete{resource="pods",reason=""} 1',
  );
  configs.set("1", "new");
  const text = await (await get()).text();
  expect(podsIn(text)).toEqual(["e1-0", "e1-1"]);
  expect(text).toContain('kube_state_mosaic_complete{resource="pods",reason="config_mixed"} 0');
});
