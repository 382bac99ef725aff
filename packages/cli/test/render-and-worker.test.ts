import { populate, startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import {
  createLogger,
  createTelemetry,
  mosaicMetrics,
  referenceMetrics,
} from "@kube-state-mosaic/telemetry";
import { fixedPlacement, fixedView, Worker, workerApp } from "@kube-state-mosaic/worker";
import { expect, test } from "vitest";
import { Exposition } from "../src/render/exposition.ts";

test("render gives the samples of a worker for the same objects, all 39 resources", async () => {
  await using server = await startFakeKubernetes();
  populate(server, { pods: 60, seed: 7 });
  const all = Object.values(resources);
  const settings = {
    resources: all,
    familyConfig: () => ({ labelsAllowList: ["*"], annotationsAllowList: ["*"] }),
    familyFilter: () => true,
    namespaces: [],
    namespacesDenylist: [],
    ownership: jumpOwnership(0, 1),
  };
  const exposition = new Exposition(settings);
  for (const { name, group, version, kind } of all)
    for (const object of server.list(name))
      exposition.add({
        apiVersion: group === "" ? version : `${group}/${version}`,
        kind,
        ...object,
      });

  const cluster = await loadCluster({ apiserver: server.url, environment: {} });
  await using client = new ApiClient({ cluster });
  const telemetry = createTelemetry();
  const worker = new Worker(
    {
      ...settings,
      node: "",
      trackUnscheduledPods: false,
      placement: fixedPlacement(jumpOwnership(0, 1)),
      views: fixedView({ shard: 0, totalShards: 1, hash: "jump", epoch: 0 }),
      startJitterMs: 0,
      useApiserverCache: false,
      objectLimit: 0,
      allowFullSecrets: false,
      hotMemory: 0,
    },
    {
      client,
      logger: createLogger({ format: "text", level: "error" }),
      reference: referenceMetrics(telemetry),
      mosaic: mosaicMetrics(telemetry),
    },
  );
  const stopping = new AbortController();
  const running = worker.run(stopping.signal);
  while (!worker.readiness().ready) await new Promise((resolve) => setImmediate(resolve));
  const page = { title: "", description: "", version: { version: "", branch: "", revision: "" } };
  const scraped = await (await workerApp({ worker, page, gzip: false }).request("/metrics")).text();
  stopping.abort();
  await running;

  const rendered = [...exposition.text()].join("");
  expect(sorted(rendered)).toEqual(sorted(scraped));
  expect(headers(rendered)).toEqual(headers(scraped));
  expect(new Set(headers(rendered)).size).toBeGreaterThan(550);
});

function sorted(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .toSorted();
}

function headers(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("#"));
}
