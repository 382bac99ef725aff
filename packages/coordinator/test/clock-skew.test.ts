import { createLogger, createTelemetry, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { expect, test } from "vitest";
import { Coordinator, coordinatorTelemetry, listedWorkers } from "../src/index.ts";
import { ShardServer } from "./shard-server.ts";

/** Two shards, asked by a coordinator whose clock stands at 1,000 s, but for what a round trip takes. */
async function clocks(roundTripMs = 0) {
  const shards = [
    await ShardServer.start({ shard: 0, totalShards: 2 }),
    await ShardServer.start({ shard: 1, totalShards: 2 }),
  ];
  const warnings: string[] = [];
  const logger = createLogger({
    format: "text",
    level: "warn",
    destination: { write: (line) => void warnings.push(line) },
  });
  let now = 0;
  const clock = {
    // Each look is so much later: one is before a fetch, one when its answer begins.
    now: () => (now += roundTripMs),
    wall: () => 1_000_000,
  };
  const coordinator = new Coordinator(
    { source: listedWorkers(shards.map(({ url }) => url)), onMissingShard: "stale", clock },
    logger,
  );
  const telemetry = createTelemetry();
  coordinatorTelemetry(telemetry, referenceMetrics(telemetry), coordinator);
  return {
    shards,
    warnings,
    /** The series after another round of fetches. */
    async series(): Promise<string[]> {
      now += 2_000;
      await coordinator.cycle();
      const text = await telemetry.text(new Set(["kube_state_mosaic_clock_skew_seconds"]));
      return text.split("\n").filter((line) => line.startsWith("kube_state_"));
    },
    async [Symbol.asyncDispose]() {
      await coordinator.close();
      for (const shard of shards) await shard[Symbol.asyncDispose]();
    },
  };
}

const skew = (shard: number, seconds: number): string =>
  `kube_state_mosaic_clock_skew_seconds{shard="${shard}"} ${seconds}`;

test("the skew of each shard is what its clock says beyond the coordinator's", async () => {
  await using scene = await clocks();
  scene.shards[0]!.time = "1000.125";
  scene.shards[1]!.time = "999.75";
  expect(await scene.series()).toEqual([skew(0, 0.125), skew(1, -0.25)]);
  expect(scene.warnings).toEqual([]);
});

test("a clock that is more than 0.25 s wrong is warned of once, and again only after it was right", async () => {
  await using scene = await clocks();
  scene.shards[1]!.time = "998.5";
  for (let round = 0; round < 3; round++) await scene.series();
  expect(scene.warnings).toHaveLength(1);
  expect(scene.warnings[0]).toMatch(/clock.*shard=1.*-1\.5/);
  scene.shards[1]!.time = "1000.1";
  await scene.series();
  scene.shards[1]!.time = "1000.5";
  await scene.series();
  expect(scene.warnings).toHaveLength(2);
});

test("half of the round trip is taken off, and a slow answer does not pass for a wrong clock", async () => {
  await using scene = await clocks(100);
  const [shard] = scene.shards;
  shard!.time = "1000.000";
  const [line = ""] = await scene.series();
  const seconds = Number(line.split(" ")[1]);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(0.3);
  shard!.time = (1000.28 - seconds).toFixed(3);
  await scene.series();
  expect(scene.warnings).toEqual([]);
});

test.each([
  ["nothing", undefined],
  ["no number", "soon"],
  ["a date", "Wed, 25 Nov 2026 00:00:00 GMT"],
  ["something negative", "-1"],
  ["something endless", "1e999"],
  ["an empty text", ""],
])("a worker that says %s has no skew, and is read all the same", async (_, time) => {
  await using scene = await clocks();
  scene.shards[0]!.time = time;
  scene.shards[1]!.time = "1000.000";
  expect(await scene.series()).toEqual([skew(1, 0)]);
  expect(scene.warnings).toEqual([]);
});

test("a shard that does not answer has no series", async () => {
  await using scene = await clocks();
  for (const shard of scene.shards) shard.time = "1000.000";
  expect(await scene.series()).toHaveLength(2);
  scene.shards[0]!.failure = { status: 503, body: "" };
  expect(await scene.series()).toEqual([skew(1, 0)]);
});
