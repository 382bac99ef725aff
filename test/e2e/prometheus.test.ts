import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { has, sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";
import { Prometheus, promtoolCheckMetrics } from "./prometheus.ts";
import { family, samples } from "./samples.ts";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("a real Prometheus", () => {
  let worker: Exporter;
  let coordinator: Exporter;

  beforeAll(async () => {
    worker = await Exporter.start([`--kubeconfig=${cluster!.kubeconfigPath}`]);
    await worker.ready();
    coordinator = await Exporter.start(["coordinator", `--workers=${worker.url}`]);
    await coordinator.ready();
  });
  afterAll(async () => {
    await coordinator?.[Symbol.asyncDispose]();
    await worker?.[Symbol.asyncDispose]();
  });

  test.skipIf(!has("prometheus"))(
    "scrapes a worker, a coordinator and their own metrics without an error",
    async () => {
      await using prometheus = await Prometheus.start({
        config: {
          global: { scrape_interval: "2s", scrape_timeout: "2s" },
          scrape_configs: [
            job("worker", worker.url),
            job("coordinator", coordinator.url),
            job("worker-telemetry", worker.telemetryUrl),
            job("coordinator-telemetry", coordinator.telemetryUrl),
          ],
        },
      });
      const targets = await prometheus.scraped(4);
      expect(
        targets.map(({ scrapePool, health, lastError }) => [scrapePool, health, lastError]),
      ).toEqual(
        expect.arrayContaining([
          ["worker", "up", ""],
          ["coordinator", "up", ""],
          ["worker-telemetry", "up", ""],
          ["coordinator-telemetry", "up", ""],
        ]),
      );
      const text = await worker.scrape();
      const pods = family(text, "kube_pod_info").length;
      for (const name of ["worker", "coordinator"]) {
        await expect
          .poll(() => prometheus.value(`count(kube_pod_info{job="${name}"})`), { timeout: 10_000 })
          .toBe(pods);
        // What it could read is all that there is: it drops a repeated sample silently.
        const kept = await prometheus.value(`scrape_samples_scraped{job="${name}"}`);
        expect(kept).toBeGreaterThanOrEqual(samples(text).length);
        expect(await prometheus.value(`scrape_samples_post_metric_relabeling{job="${name}"}`)).toBe(
          kept,
        );
      }
      const complaints = prometheus.daemon.lines.filter((line) => /level=(warn|error)/.test(line));
      expect(complaints).toEqual([]);
    },
  );

  test.skipIf(!has("promtool"))(
    "promtool has no objection to what a worker or a coordinator shows",
    async () => {
      for (const exporter of [worker, coordinator]) {
        const problems = await promtoolCheckMetrics(await exporter.scrape());
        expect(problems).toEqual([]);
      }
    },
  );

  test.skipIf(!has("promtool"))(
    "promtool objects to nothing in their own metrics but names of prom-client",
    async () => {
      for (const exporter of [worker, coordinator])
        expect(await promtoolCheckMetrics(await exporter.telemetry())).toEqual(fromNode);
    },
  );
});

/** prom-client's own names for facts about Node's event loop. */
const fromNode = ["handles", "requests", "resources"].map(
  (what) => `nodejs_active_${what}_total non-counter metrics should not have "_total" suffix`,
);

function job(name: string, url: string): object {
  return { job_name: name, static_configs: [{ targets: [new URL(url).host] }] };
}
