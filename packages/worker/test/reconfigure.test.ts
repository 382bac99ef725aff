import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import { decodeBlocks } from "@kube-state-mosaic/store";
import { expect, test } from "vitest";
import { exposureOf, type ExposureSettings } from "../src/exposure.ts";
import { startWorker, until } from "./fixture.ts";

const settings: ExposureSettings = {
  familyConfig: () => ({ labelsAllowList: [], annotationsAllowList: [] }),
  familyFilter: ({ optIn }) => !optIn,
  namespaces: [],
  namespacesDenylist: [],
  node: "",
  trackUnscheduledPods: false,
};
const labelsOf = (name: string, ...labelsAllowList: string[]): Partial<ExposureSettings> => ({
  familyConfig: (resource) => ({
    labelsAllowList: resource === name ? labelsAllowList : [],
    annotationsAllowList: [],
  }),
});

test.each<[what: string, change: Partial<ExposureSettings>, concerned: string[]]>([
  ["nothing", {}, []],
  ["an equal function", { familyFilter: ({ optIn }) => !optIn }, []],
  ["a denied family", { familyFilter: ({ name }) => name !== "kube_pod_start_time" }, ["pods"]],
  ["a family that nobody has", { familyFilter: ({ name, optIn }) => !optIn && name !== "x" }, []],
  ["a label of nodes", labelsOf("nodes", "zone"), ["nodes"]],
  ["namespaces", { namespaces: ["a"] }, ["pods", "services"]],
  ["denied namespaces", { namespacesDenylist: ["a"] }, ["pods", "services"]],
  ["the node", { node: "n" }, ["pods"]],
  ["unscheduled pods", { trackUnscheduledPods: true }, ["pods"]],
])("%s in other settings concerns no other resources than it must", (what, change, concerned) => {
  const before = what === "a denied family" ? { ...settings, familyFilter: () => true } : settings;
  const after = { ...before, ...change };
  const differs = ["nodes", "pods", "services"].filter(
    (name) => exposureOf(resources[name]!, before) !== exposureOf(resources[name]!, after),
  );
  expect(differs).toEqual(concerned);
});

const requested = (server: FakeKubernetes, path: string): number =>
  server.requests.filter((request) => request.path === path).length;

async function withPods(names: readonly string[]): Promise<FakeKubernetes> {
  const server = await startFakeKubernetes();
  for (const name of names)
    server.create("pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", labels: { app: "shop" } },
      spec: { containers: [{ name: "main", image: "image" }] },
    });
  return server;
}

test("only what other settings concern is listed again, and is served until its successor is complete", async () => {
  await using server = await withPods(["a"]);
  await using fixture = await startWorker({ names: ["nodes", "pods"] }, server);
  const { worker, scrape } = fixture;
  await fixture.ready();
  const held = Promise.withResolvers<void>();
  server.faults.on({ path: "/api/v1/pods" }, { kind: "hold", until: held.promise });
  const nodes = requested(server, "/api/v1/nodes");
  const pods = requested(server, "/api/v1/pods");

  expect(worker.reconfigure({ ...settings, ...labelsOf("pods", "app") })).toEqual(["pods"]);
  await until(() => requested(server, "/api/v1/pods") > pods);
  expect(worker.readiness().ready).toBe(true);
  expect(await scrape()).toMatch(/^kube_pod_info\{/m);
  expect(await scrape()).not.toContain("label_app");
  held.resolve();
  await until(async () => {
    const text = await scrape();
    expect(text).toMatch(/^kube_pod_info\{/m);
    return text.includes('label_app="shop"');
  });
  expect(requested(server, "/api/v1/nodes")).toBe(nodes);
  expect(worker.reconfigure({ ...settings, ...labelsOf("pods", "app") })).toEqual([]);
});

test("settings that come back before their successors are complete leave what is served as it is", async () => {
  await using server = await withPods(["a"]);
  await using fixture = await startWorker({}, server);
  const { worker } = fixture;
  await fixture.ready();
  const held = Promise.withResolvers<void>();
  server.faults.on({ path: "/api/v1/pods" }, { kind: "hold", until: held.promise });
  worker.reconfigure({ ...settings, ...labelsOf("pods", "app") });
  const served = worker.exposed[0];
  worker.reconfigure(settings);
  expect(worker.exposed).toEqual([served]);
  held.resolve();
});

test("what is served only until a successor of another name has come is not built again", async () => {
  await using server = await withPods([]);
  await using fixture = await startWorker({}, server);
  const { worker } = fixture;
  await fixture.ready();
  const held = Promise.withResolvers<void>();
  server.faults.on({ path: "/api/v1/services" }, { kind: "hold", until: held.promise });
  worker.addBeside(resources["services"]!, ["pods"]);
  expect(worker.reconfigure({ ...settings, namespacesDenylist: ["x"] })).toEqual(["services"]);
  held.resolve();
  await until(() => {
    void worker.readiness();
    return worker.exposed.map(({ name }) => name).join() === "services";
  });
});

test("whoever follows /blocks is told that a resource has been built again: nothing counted before goes on", async () => {
  await using server = await withPods(["a", "b"]);
  await using fixture = await startWorker({}, server);
  const { worker } = fixture;
  await fixture.ready();
  // More changes than the successor will have seen.
  for (let times = 0; times < 5; times++)
    for (const name of ["c", "d"]) {
      server.create("pods", {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "other" },
        spec: { containers: [{ name: "main", image: "image" }] },
      });
      if (times < 4) server.delete("pods", { namespace: "other", name });
    }
  const fetchBlocks = async (query = ""): Promise<Buffer> =>
    Buffer.from(await (await fixture.app.request(`/blocks${query}`)).arrayBuffer());
  const pods = (blocks: ReturnType<typeof decodeBlocks>) =>
    blocks.manifest.reflectors.find(({ name }) => name === "pods")!;
  let before = decodeBlocks(await fetchBlocks());
  await until(async () => {
    before = decodeBlocks(await fetchBlocks());
    return pods(before).view?.n === 4 && pods(before).view!.points.length > 20;
  });
  const { incarnation, token } = before.manifest;
  worker.reconfigure({ ...settings, namespacesDenylist: ["other"] });
  await until(() => worker.readiness().ready && worker.exposed.length === 1);
  const after = pods(decodeBlocks(await fetchBlocks(`?since=${incarnation}:${token}`), before));
  expect(after.view?.n).toBe(2);
  // One point: what is known from the new list on.
  expect(after.view?.points).toEqual([after.view!.since, 2, after.view!.a, after.view!.b]);
});
