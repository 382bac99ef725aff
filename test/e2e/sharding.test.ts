import { ControlPlaneClient } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { churn } from "../bench/cluster/churn.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";
import { type Difference, difference, family, none, samples, sum } from "./samples.ts";

const shards = 3;
const removePods = ["delete", "pod", "--namespace=default", "--grace-period=0", "--force"];

interface Pods {
  readonly items: readonly {
    readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)(
  "one worker, three shards, and a coordinator before them",
  () => {
    let client: ControlPlaneClient;
    let single: Exporter;
    let parts: readonly Exporter[] = [];
    let coordinator: Exporter;

    beforeAll(async () => {
      client = new ControlPlaneClient(cluster!);
      const common = [`--kubeconfig=${cluster!.kubeconfigPath}`];
      single = await Exporter.start(common);
      await single.ready();
      parts = await Promise.all(
        Array.from({ length: shards }, (_, shard) =>
          Exporter.start([...common, `--shard=${shard}`, `--total-shards=${shards}`]),
        ),
      );
      await Promise.all(parts.map((part) => part.ready()));
      coordinator = await Exporter.start([
        "coordinator",
        `--workers=${parts.map((part) => part.url).join(",")}`,
      ]);
      await coordinator.ready();
    });

    afterAll(async () => {
      for (const exporter of [coordinator, ...parts, single])
        await exporter?.[Symbol.asyncDispose]();
      client?.close();
    });

    /** What the shards together and the coordinator differ in from the single worker. */
    const differences = async (): Promise<readonly Difference[]> => {
      const whole = samples(await single.scrape());
      const union = samples(...(await Promise.all(parts.map((part) => part.scrape()))));
      return [difference(whole, union), difference(whole, samples(await coordinator.scrape()))];
    };

    const pods = async (): Promise<Pods["items"]> =>
      ((await client.send("/api/v1/pods")) as Pods).items;

    test("the single worker shows every pod of the API server once, with its restarts", async () => {
      const text = await single.scrape();
      const expected = await pods();
      const names = family(text, "kube_pod_info").map((line) => /pod="([^"]*)"/.exec(line)?.[1]);
      expect(names).toHaveLength(expected.length);
      expect(new Set(names).size).toBe(expected.length);
      expect(sum(text, "kube_pod_container_status_restarts_total")).toBe(restarts(expected));
    });

    test("no sample stands twice", async () => {
      const series = samples(await coordinator.scrape()).map((line) =>
        line.slice(0, line.lastIndexOf(" ")),
      );
      expect(series.length).toBeGreaterThan(100_000);
      // They are sorted.
      expect(series.filter((one, i) => one === series[i - 1])).toEqual([]);
    });

    test("the union of the shards, the coordinator and the single worker agree sample for sample", async () => {
      expect(await differences()).toEqual([none, none]);
    });

    test("every shard has its share of the pods", async () => {
      const counts = await Promise.all(
        parts.map(async (part) => family(await part.scrape(), "kube_pod_info").length),
      );
      const even = (await pods()).length / shards;
      for (const count of counts) {
        expect(count).toBeGreaterThan(even * 0.8);
        expect(count).toBeLessThan(even * 1.2);
      }
    });

    test("they agree again once pods that were changed, created and deleted have come to rest", async () => {
      const before = restarts(await pods());
      const changes = await churn(client, { rate: 100, seconds: 5 });
      const names = Array.from({ length: 20 }, (_, i) => `short-lived-${i}`);
      await client.apply(names.map((name) => pod(name)).join("\n---\n"));
      await client.kubectl([...removePods, ...names.slice(0, 10)]);
      const expected = await pods();
      expect(restarts(expected)).toBe(before + changes);
      await expect
        .poll(
          async () => {
            const text = await coordinator.scrape();
            return [
              family(text, "kube_pod_info").length,
              sum(text, "kube_pod_container_status_restarts_total"),
            ];
          },
          { timeout: 20_000, interval: 250 },
        )
        .toEqual([expected.length, before + changes]);
      await expect
        .poll(async () => family(await single.scrape(), "kube_pod_info").length)
        .toBe(expected.length);
      expect(await differences()).toEqual([none, none]);
      await client.kubectl([...removePods, ...names.slice(10)]);
      await expect
        .poll(async () => (await coordinator.scrape()).includes("short-lived"), { timeout: 20_000 })
        .toBe(false);
    });

    test("all encodings of the coordinator's answer hold the same samples", async () => {
      const identity = samples(await coordinator.scrape());
      // fetch asks for gzip by itself and inflates it.
      const openMetrics = await fetch(`${coordinator.url}/metrics`, {
        headers: { accept: "application/openmetrics-text;version=1.0.0" },
      });
      expect(openMetrics.headers.get("content-type")).toContain("application/openmetrics-text");
      const text = await openMetrics.text();
      expect(text.endsWith("# EOF\n")).toBe(true);
      expect(difference(identity, samples(text))).toEqual(none);
      const plain = await fetch(`${coordinator.url}/metrics`, {
        headers: { "accept-encoding": "identity" },
      });
      expect(plain.headers.get("content-encoding")).toBeNull();
      expect(difference(identity, samples(await plain.text()))).toEqual(none);
    });

    test("the coordinator refuses to answer while a shard is missing, and names it", async () => {
      const [, gone] = parts;
      await gone?.[Symbol.asyncDispose]();
      // A scrape that began less than a second ago is still shared.
      const text = await vi.waitUntil(
        async () => {
          const response = await fetch(`${coordinator.url}/metrics`);
          return !response.ok && response.text();
        },
        { timeout: 20_000 },
      );
      expect(text).toContain(gone?.url);
      expect(samples(text).filter((line) => line.startsWith("kube_"))).toEqual([]);
      await expect
        .poll(async () => (await fetch(`${coordinator.telemetryUrl}/readyz`)).status)
        .toBe(503);
    });

    test("SIGTERM ends a coordinator with code 0, also while a shard is missing", async () => {
      coordinator.daemon.kill("SIGTERM");
      expect(await coordinator.daemon.exited).toEqual({ code: 0, signal: null });
    });
  },
);

function restarts(pods: Pods["items"]): number {
  return pods
    .flatMap((one) => one.status?.containerStatuses ?? [])
    .reduce((total, status) => total + status.restartCount, 0);
}

function pod(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", image: "example.org/app:1" }] },
  });
}
