import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jobsOf, node, pod, Running, until } from "./running.ts";

let fake: FakeKubernetes;
let running: Running;

beforeEach(async () => {
  fake = await startFakeKubernetes();
  fake.put("nodes", node("node-1", "192.0.2.1"));
  fake.put("pods", pod("a", "10.0.0.1"));
  running = new Running(fake);
});
afterEach(async () => {
  await running[Symbol.asyncDispose]();
  await fake.close();
});

const complete = (...jobs: string[]) =>
  until(() => jobs.every((job) => running.isComplete(job)), `${jobs.join(", ")} complete`);
const watches = () => fake.runningWatches.toSorted();

describe("watches", () => {
  test("equal configurations run once, and roles share a watch for each resource and selector", async () => {
    const attached = { role: "endpointslice", attach_metadata: { node: true } };
    await running.discovery.apply(
      jobsOf({
        first: [{ role: "pod" }, { role: "node" }],
        second: [{ role: "pod" }, attached],
        third: [attached, { role: "pod", selectors: [{ role: "pod", label: "a=b" }] }],
      }),
    );
    await complete("first", "second", "third");
    expect(watches()).toEqual([
      "/api/v1/nodes",
      "/api/v1/pods",
      "/api/v1/pods",
      "/api/v1/services",
      "/apis/discovery.k8s.io/v1/endpointslices",
    ]);
    expect(running.addresses("second")).toEqual(running.addresses("first").slice(0, 1));
    expect(await running.metric(`kube_state_mosaic_sd_kubernetes_watches{resource="pods"}`)).toBe(
      2,
    );
  });

  test("of namespaces, ReplicaSets and jobs only the metadata is requested", async () => {
    const attach_metadata = { namespace: true, deployment: true, cronjob: true };
    await running.discovery.apply(jobsOf({ pods: [{ role: "pod", attach_metadata }] }));
    await complete("pods");
    const accepts = new Map(fake.requests.map(({ path, headers }) => [path, headers.accept]));
    for (const path of ["/api/v1/namespaces", "/apis/apps/v1/replicasets", "/apis/batch/v1/jobs"])
      expect(accepts.get(path)).toMatch(/as=PartialObjectMetadata/);
    expect(accepts.get("/api/v1/pods")).not.toMatch(/PartialObjectMetadata/);
  });

  test("a namespaced configuration watches each of its namespaces, and nodes in the whole cluster", async () => {
    const namespaces = { names: ["x", "y"] };
    await running.discovery.apply(
      jobsOf({ pods: [{ role: "pod", namespaces, attach_metadata: { node: true } }] }),
    );
    await complete("pods");
    expect(watches()).toEqual([
      "/api/v1/namespaces/x/pods",
      "/api/v1/namespaces/y/pods",
      "/api/v1/nodes",
    ]);
  });
});

describe("a reload", () => {
  test("ends what is gone, starts what is new and does not touch the rest", async () => {
    await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }], nodes: [{ role: "node" }] }));
    await complete("pods", "nodes");
    const before = fake.requests.filter(({ path }) => path === "/api/v1/pods").length;
    await running.discovery.apply(
      jobsOf({ pods: [{ role: "pod" }], services: [{ role: "service" }] }),
    );
    expect(running.addresses("pods")).toEqual(["10.0.0.1:80"]);
    expect(running.discovery.state().has("nodes")).toBe(false);
    await complete("pods", "services");
    await until(() => !watches().includes("/api/v1/nodes"), "the nodes' watch ends");
    expect(watches()).toEqual(["/api/v1/pods", "/api/v1/services"]);
    expect(fake.requests.filter(({ path }) => path === "/api/v1/pods")).toHaveLength(before);
  });

  test("gives a job that joins a configuration its groups at once", async () => {
    await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
    await complete("pods");
    await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }], more: [{ role: "pod" }] }));
    expect(running.isComplete("more")).toBe(true);
    expect(running.addresses("more")).toEqual(["10.0.0.1:80"]);
  });
});

test("a configuration that cannot be set up is counted, and holds up no other", async () => {
  await running.discovery.apply(
    jobsOf({
      broken: [{ role: "pod", kubeconfig_file: "/nonexistent/kubeconfig" }],
      lost: [{ role: "pod", namespaces: { own_namespace: true } }],
      half: [{ role: "pod" }, { role: "pod", kubeconfig_file: "/nonexistent/kubeconfig" }],
      none: [],
    }),
  );
  await complete("half", "none");
  const state = running.discovery.state();
  expect(state.get("broken")).toMatchObject({ complete: false, stuck: true, groups: [] });
  expect(running.problems("broken")).toContain("/nonexistent/kubeconfig");
  expect(running.problems("lost")).toContain("no namespace of its own");
  expect(running.addresses("half")).toEqual(["10.0.0.1:80"]);
  expect(state.get("none")).toMatchObject({ complete: true, groups: [] });
  expect(await running.metric("kube_state_mosaic_sd_failed_configs")).toBe(3);
});

test("the receiver is told the complete state after a change, never while it is busy", async () => {
  const told: string[][] = [];
  let release = (): void => undefined;
  running.discovery.start(() => {
    told.push(running.addresses("pods"));
    return new Promise((resolve) => (release = resolve));
  });
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
  await until(() => told.length === 1 && running.isComplete("pods"), "the first update");
  fake.put("pods", pod("b", "10.0.0.2"));
  const delayed = "kube_state_mosaic_sd_updates_delayed_total";
  await until(async () => ((await running.metric(delayed)) ?? 0) > 0, "a delayed update");
  expect(told).toHaveLength(1);
  release();
  await until(() => told.length === 2, "the second update");
  expect(told[1]).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
});

test("a change that shows in no label is counted as received and causes no update", async () => {
  let updates = 0;
  running.discovery.start(() => void (updates += 1));
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
  await complete("pods");
  await until(() => updates > 0, "the first update");
  const groups = running.discovery.state().get("pods")!.groups;
  const received = "kube_state_mosaic_sd_received_updates_total";
  const before = (await running.metric(received)) ?? 0;
  fake.patch(
    "pods",
    { namespace: "default", name: "a" },
    { status: { startTime: "2026-01-01T00:00:00Z" } },
  );
  await until(async () => ((await running.metric(received)) ?? 0) > before, "the event");
  expect(running.discovery.state().get("pods")!.groups[0]).toBe(groups[0]);
});

test("events are counted by role, the first list as additions", async () => {
  await running.discovery.apply(
    jobsOf({ pods: [{ role: "pod" }], endpoints: [{ role: "endpoints" }] }),
  );
  await complete("pods", "endpoints");
  const events = (role: string, event: string) =>
    running.metric(`kube_state_mosaic_sd_kubernetes_events_total{event="${event}",role="${role}"}`);
  expect(await events("pod", "add")).toBe(1);
  expect(await events("ingress", "delete")).toBe(0);
  fake.put("pods", pod("a", "10.0.0.9"));
  // Once by each role: endpoints count the updates of pods too.
  await until(async () => (await events("pod", "update")) === 2, "both updates");
  fake.delete("pods", { namespace: "default", name: "a" });
  await until(async () => (await events("pod", "delete")) === 1, "the deletion");
  expect(running.addresses("pods")).toEqual([]);
});

test("an api_server is reached with the credentials beside it, and not without", async () => {
  await using locked = await startFakeKubernetes({ tokens: { secret: { username: "reader" } } });
  locked.put("nodes", node("node-1", "192.0.2.7"));
  const config = { role: "node", api_server: locked.url };
  await running.discovery.apply(
    jobsOf({ known: [{ ...config, authorization: { credentials: "secret" } }], unknown: [config] }),
  );
  await complete("known");
  expect(running.addresses("known")).toEqual(["192.0.2.7:0"]);
  await until(() => running.problems("unknown").includes("401"), "the refusal");
  expect(running.isComplete("unknown")).toBe(false);
});
