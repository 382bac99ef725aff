import { expect, test } from "vitest";
import { listedWorkers } from "../src/index.ts";
import { podsIn, Scene } from "./scene.ts";
import type { ShardServer, TestPod } from "./shard-server.ts";

const pod = (name: string, version: number, uid = `${name} of ${version}`): TestPod => {
  return { name, uid, version, hashSlot: version % 1_024 };
};

async function two(
  first: readonly TestPod[],
  second: readonly TestPod[],
): Promise<{ scene: Scene; shards: [ShardServer, ShardServer] }> {
  const scene = new Scene();
  const shards: [ShardServer, ShardServer] = [
    await scene.shard({ shard: 0, totalShards: 2 }, first),
    await scene.shard({ shard: 1, totalShards: 2 }, second),
  ];
  return { scene, shards };
}

function coordinatorOf(scene: Scene, onMissingShard: "stale" | "fail" = "fail") {
  return scene.coordinator({
    source: listedWorkers(scene.shards.map(({ url }) => url)),
    onMissingShard,
  });
}

test("of two objects of one name in two shards only the newer one is shown, and its predecessor never again", async () => {
  const { scene, shards } = await two([pod("a", 5), pod("b", 6)], [pod("c", 7)]);
  await using _ = scene;
  const [first, second] = shards;
  const { get, coordinator } = coordinatorOf(scene);
  expect(podsIn(await (await get()).text())).toEqual(["a", "b", "c"]);
  // Deleted and made again, and the first shard has not heard of either.
  second.set([pod("c", 7), pod("b", 20)]);
  const doubled = await (await get()).text();
  expect(podsIn(doubled)).toEqual(["a", "c", "b"]);
  expect(doubled.match(/kube_pod_created\{pod="b"/g)).toHaveLength(1);
  expect(coordinator.last?.rowsCut).toBe(1);
  // The successor goes, and still the first shard has not heard of its predecessor's end.
  second.set([pod("c", 7)]);
  expect(podsIn(await (await get()).text())).toEqual(["a", "c"]);
  first.set([pod("a", 5)]);
  expect(podsIn(await (await get()).text())).toEqual(["a", "c"]);
  // A third of that name, back in the first shard, is another object.
  first.set([pod("a", 5), pod("b", 30)]);
  expect(podsIn(await (await get()).text())).toEqual(["a", "b", "c"]);
  expect(coordinator.last?.rowsCut).toBe(1);
});

test("a shard that does not answer any more has its dead cut out of what it said last", async () => {
  const { scene, shards } = await two([pod("a", 5), pod("b", 6)], [pod("c", 7)]);
  await using _ = scene;
  const { get } = coordinatorOf(scene, "stale");
  expect(podsIn(await (await get()).text())).toEqual(["a", "b", "c"]);
  shards[0].failure = { status: 500, body: "gone" };
  shards[1].set([pod("c", 7), pod("a", 9)]);
  expect(podsIn(await (await get()).text())).toEqual(["b", "c", "a"]);
});

test("the same object in two shards is a fault that is told, and nothing is cut", async () => {
  const { scene } = await two([pod("a", 5, "x"), pod("b", 6)], [pod("a", 5, "x")]);
  await using _ = scene;
  const { get, coordinator } = coordinatorOf(scene);
  for (const shard of scene.shards) shard.reports = [report(shard.identity.shard)];
  const text = await (await get()).text();
  expect(podsIn(text)).toEqual(["a", "b", "a"]);
  expect(text).toContain('kube_state_mosaic_complete{resource="pods",reason="duplicate"} 0');
  expect(coordinator.last?.rowsCut).toBe(0);
});

test("versions that are no numbers say nothing about who is dead", async () => {
  const { scene } = await two([pod("a", Number.NaN, "x")], [pod("a", 9, "y")]);
  await using _ = scene;
  expect(podsIn(await (await coordinatorOf(scene).get()).text())).toEqual(["a", "a"]);
});

const pods = Array.from({ length: 60 }, (_, index) => pod(`p${index}`, index * 17 + 1));

test("parts are the whole, each object in one of them, and the same one for any number of shards", async () => {
  const partsOf = async (shards: number, count: number): Promise<string[][]> => {
    await using scene = new Scene();
    for (let shard = 0; shard < shards; shard++)
      await scene.shard(
        { shard, totalShards: shards },
        pods.filter((_, index) => index % shards === shard),
      );
    const { get } = coordinatorOf(scene);
    const parts: string[][] = [];
    for (let part = 1; part <= count; part++)
      parts.push(podsIn(await (await get(`/metrics?part=${part}/${count}`)).text()).toSorted());
    return parts;
  };
  const parts = await partsOf(5, 3);
  expect(parts.flat().toSorted()).toEqual(podsIn(namesOf(pods)).toSorted());
  expect(Math.min(...parts.map(({ length }) => length))).toBeGreaterThan(10);
  expect(await partsOf(2, 3)).toEqual(parts);
  expect(await partsOf(1, 3)).toEqual(parts);
});

test("a part follows births, deaths and successors", async () => {
  const { scene, shards } = await two([pod("a", 5), pod("b", 600)], [pod("c", 7)]);
  await using _ = scene;
  const { get } = coordinatorOf(scene);
  const parts = async (): Promise<string[][]> => [
    podsIn(await (await get("/metrics?part=1/2")).text()),
    podsIn(await (await get("/metrics?part=2/2")).text()),
  ];
  expect(await parts()).toEqual([["a", "c"], ["b"]]);
  shards[1].set([pod("c", 7), pod("a", 700), pod("d", 8)]);
  expect(await parts()).toEqual([
    ["c", "d"],
    ["b", "a"],
  ]);
  shards[0].set([]);
  expect(await parts()).toEqual([["c", "d"], ["a"]]);
});

test("a part that is none is refused", async () => {
  const { scene } = await two([], []);
  await using _ = scene;
  const { get } = coordinatorOf(scene);
  for (const wrong of ["0/3", "4/3", "1", "a/b", "1/3/4", "-1/3"])
    expect((await get(`/metrics?part=${encodeURIComponent(wrong)}`)).status).toBe(400);
});

function report(shard: number) {
  const view = { n: shard === 0 ? 2 : 1, a: 0, b: 0, since: 100, points: [] };
  return {
    name: "pods",
    resource: "pods",
    synced: true,
    version: 100,
    eventVersion: 100,
    undecodable: 0,
    view,
  };
}

function namesOf(all: readonly TestPod[]): string {
  return all
    .map((one) => `kube_pod_info{pod="${typeof one === "string" ? one : one.name}"} 1\n`)
    .join("");
}
