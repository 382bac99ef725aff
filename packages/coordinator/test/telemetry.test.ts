import { createLogger, createTelemetry, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { expect, test } from "vitest";
import { Coordinator, coordinatorTelemetry, listedWorkers } from "../src/index.ts";
import { ShardServer } from "./shard-server.ts";

test("one target has every shard's ordinal and the sum of all list and watch counters, restarts included", async () => {
  await using zero = await ShardServer.start({ shard: 0, totalShards: 2 });
  await using one = await ShardServer.start({ shard: 1, totalShards: 2 });
  const total = "kube_state_metrics_watch_total";
  zero.counters = [[total, "*v1.Pod", "success", 3]];
  one.counters = [
    [total, "*v1.Pod", "success", 4],
    [total, "*v1.Pod", "error", 1],
  ];
  const logger = createLogger({
    format: "text",
    level: "error",
    destination: { write: () => undefined },
  });
  let now = 0;
  const coordinator = new Coordinator(
    {
      source: listedWorkers([zero.url, one.url]),
      onMissingShard: "stale",
      clock: { now: () => (now += 2_000), wall: () => 0 },
    },
    logger,
  );
  const telemetry = createTelemetry();
  coordinatorTelemetry(telemetry, referenceMetrics(telemetry), coordinator);
  const samples = async () => {
    await coordinator.cycle();
    const text = await telemetry.text();
    return text.split("\n").filter((line) => line.startsWith("kube_state_metrics_"));
  };
  expect(await samples()).toEqual([
    'kube_state_metrics_shard_ordinal{shard_ordinal="0"} 0',
    'kube_state_metrics_shard_ordinal{shard_ordinal="1"} 1',
    "kube_state_metrics_total_shards 2",
    `${total}{resource="*v1.Pod",result="error"} 1`,
    `${total}{resource="*v1.Pod",result="success"} 7`,
  ]);
  one.incarnation = "two";
  one.counters = [[total, "*v1.Pod", "success", 1]];
  expect(await samples()).toContain(`${total}{resource="*v1.Pod",result="success"} 8`);
  one.failure = { status: 503, body: "" };
  const after = await samples();
  expect(after).not.toContain('kube_state_metrics_shard_ordinal{shard_ordinal="1"} 1');
  expect(after).toContain(`${total}{resource="*v1.Pod",result="success"} 8`);
  await coordinator.close();
});
