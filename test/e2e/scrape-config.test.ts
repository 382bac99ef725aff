import { complete } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { has, sharedCluster } from "./environment.ts";
import { Exporter, program } from "./exporter.ts";
import { Prometheus } from "./prometheus.ts";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined || !has("prometheus"))("printed scrape jobs", () => {
  const workers: Exporter[] = [];
  let coordinator: Exporter;
  let pods: number;

  beforeAll(async () => {
    for (const shard of [0, 1, 2])
      workers.push(
        await Exporter.start([
          `--kubeconfig=${cluster!.kubeconfigPath}`,
          "--resources=pods,nodes",
          `--shard=${shard}`,
          "--total-shards=3",
        ]),
      );
    for (const worker of workers) await worker.ready();
    const urls = workers.map(({ url }) => url).join(",");
    coordinator = await Exporter.start(["coordinator", `--workers=${urls}`]);
    await coordinator.ready();
    pods = (await coordinator.scrape()).match(/^kube_pod_info\{/gm)?.length ?? 0;
  });
  afterAll(async () => {
    await coordinator?.[Symbol.asyncDispose]();
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  });

  test.each([
    ["aggregated", [], 2],
    ["shards", [], 4],
    ["parts", ["--parts=2"], 3],
  ])(
    "%s: Prometheus takes them as they are and has every pod once",
    async (mode, flags, targets) => {
      const { stdout, code } = await complete(program, [
        "scrape-config",
        mode,
        `--coordinator-url=${coordinator.url}`,
        `--coordinator-telemetry-url=${coordinator.telemetryUrl}`,
        "--scrape-interval=1s",
        ...flags,
      ]);
      expect(code).toBe(0);
      const config = { scrape_configs: parse(stdout) as object[] };
      await using prometheus = await Prometheus.start({ config });
      const scraped = await prometheus.scraped(targets);
      expect(scraped.map(({ health, lastError }) => [health, lastError])).toEqual(
        Array.from({ length: targets }, () => ["up", ""]),
      );
      expect(pods).toBeGreaterThan(0);
      // A target is up a moment before its samples can be seen.
      const poll = { timeout: 20_000 };
      await expect.poll(() => prometheus.value("count(kube_pod_info)"), poll).toBe(pods);
      expect(await prometheus.value("count(count by (uid) (kube_pod_info))")).toBe(pods);
      // What the reference's alerts compute, on one target.
      const missing = `(2 ^ max(kube_state_metrics_total_shards{job="kube-state-metrics"}) - 1)
        - sum(2 ^ max by (shard_ordinal) (kube_state_metrics_shard_ordinal{job="kube-state-metrics"}))`;
      await expect.poll(() => prometheus.value(missing), poll).toBe(0);
      await expect
        .poll(
          () =>
            prometheus.value(
              'sum(kube_state_metrics_watch_total{job="kube-state-metrics",result="success"})',
            ),
          poll,
        )
        .toBeGreaterThanOrEqual(6);
    },
  );

  test("a way to scrape that is not known is an error that names the known ones", async () => {
    const { stderr, code } = await complete(program, ["scrape-config", "everything"]);
    expect(code).toBe(1);
    expect(stderr).toContain("not one of aggregated, shards, parts");
  });

  test("/sd is never empty: while nothing is known it is an error", async () => {
    await using lonely = await Exporter.start([
      "coordinator",
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--pod-namespace=default",
      "--statefulset=nobody",
    ]);
    const response = await fetchWhenUp(`${lonely.url}/sd`);
    expect(response.status).toBe(503);
    expect((await fetch(`${lonely.url}/metrics`)).status).toBe(503);
    const parts = await fetch(`${coordinator.url}/sd?parts=0`);
    expect(parts.status).toBe(400);
  });
});

async function fetchWhenUp(url: string): Promise<Response> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response !== undefined) return response;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
