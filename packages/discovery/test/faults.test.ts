import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Publication } from "../src/index.ts";
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

/** What an http_sd reader would be told now. */
function listed(job: string): ReturnType<Publication["list"]> {
  const publication = new Publication({ relabeled: false });
  publication.update(running.discovery.state());
  return publication.list(job);
}

test("while the API server is away at start nothing is listed, and everything once it is back", async () => {
  await fake.stopListening();
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
  await until(() => running.problems("pods").includes("ECONNREFUSED"), "the refusal");
  expect(listed("pods")).toMatchObject({
    kind: "unavailable",
    reason: expect.stringContaining("pods: "),
  });
  expect(await running.metric("kube_state_mosaic_sd_kubernetes_failures_total")).toBeGreaterThan(0);
  await fake.listen();
  await until(() => running.isComplete("pods"), "the first complete list");
  expect(running.addresses("pods")).toEqual(["10.0.0.1:80"]);
});

test("while the API server is away later the last targets stay, and what happened meanwhile follows", async () => {
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
  await until(() => running.isComplete("pods"), "the first complete list");
  await fake.stopListening();
  await until(() => running.problems("pods") !== "", "the failure shows");
  fake.delete("pods", { namespace: "default", name: "a" });
  fake.put("pods", pod("b", "10.0.0.2"));
  const list = listed("pods");
  expect(list.kind === "list" && list.body()).toContain("10.0.0.1:80");
  await fake.listen();
  await until(() => running.addresses("pods").join() === "10.0.0.2:80", "the new targets");
  await until(() => running.problems("pods") === "", "the failure is over");
});

test("after a 410 the deletions that no watch has told are found in the new list, and nothing is decoded twice", async () => {
  for (const [name, ip] of [
    ["b", "10.0.0.2"],
    ["c", "10.0.0.3"],
  ] as const)
    fake.put("pods", pod(name, ip));
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
  await until(() => running.addresses("pods").length === 3, "three targets");
  await fake.stopListening();
  fake.delete("pods", { namespace: "default", name: "b" });
  fake.put("pods", pod("c", "10.0.0.33"));
  fake.compact("pods");
  await fake.listen();
  await until(
    () => running.addresses("pods").join() === "10.0.0.1:80,10.0.0.33:80",
    "the state of now",
  );
  const events = (event: string) =>
    running.metric(`kube_state_mosaic_sd_kubernetes_events_total{event="${event}",role="pod"}`);
  expect([await events("add"), await events("update"), await events("delete")]).toEqual([3, 1, 1]);
});

test("a role that RBAC forbids reports it, and the others go on", async () => {
  const allowed = fake.faults.on(
    { path: "/api/v1/pods", times: Infinity },
    { kind: "status", code: 403, reason: "Forbidden", message: "pods is forbidden" },
  );
  await running.discovery.apply(
    jobsOf({
      pods: [{ role: "pod" }],
      slices: [{ role: "endpointslice" }],
      nodes: [{ role: "node" }],
    }),
  );
  await until(() => running.isComplete("nodes"), "the nodes");
  expect(running.addresses("nodes")).toEqual(["192.0.2.1:0"]);
  await until(() => running.problems("pods").includes("forbidden"), "the refusal");
  for (const job of ["pods", "slices"]) {
    expect(running.discovery.state().get(job)).toMatchObject({ complete: false, stuck: true });
    expect(listed(job)).toMatchObject({
      kind: "unavailable",
      reason: expect.stringContaining("pods"),
    });
  }
  expect(running.discovery.idle).toBe(true);
  expect(running.lines.join("")).toMatch(/WARN .*forbidden/);
  allowed();
  await until(() => running.isComplete("pods") && running.isComplete("slices"), "the permission");
});

test("targets appear only after all caches that they need have been listed", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  fake.faults.on({ path: "/api/v1/services" }, { kind: "hold", until: held });
  fake.put("endpoints", {
    metadata: { namespace: "default", name: "web" },
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }],
  });
  fake.put("services", { metadata: { namespace: "default", name: "web", labels: { a: "b" } } });
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }], web: [{ role: "endpoints" }] }));
  await until(() => running.isComplete("pods"), "the pods");
  expect(running.addresses("web")).toEqual([]);
  expect(running.problems("web")).toContain("services: not listed yet");
  release();
  await until(() => running.isComplete("web"), "the endpoints");
  const [group] = running.discovery.state().get("web")!.groups;
  expect(group!.labels.get("__meta_kubernetes_service_label_a")).toBe("b");
});

test("an object that cannot be decoded keeps its old targets, also through a new list, and costs the others nothing", async () => {
  fake.faults.on(
    { when: ({ headers }) => headers.accept?.includes("protobuf") ?? false, times: Infinity },
    { kind: "status", code: 406, reason: "NotAcceptable" },
  );
  await running.discovery.apply(jobsOf({ pods: [{ role: "pod" }] }));
  await until(() => running.isComplete("pods"), "the first complete list");
  fake.put("pods", { ...pod("a", "10.0.0.1"), spec: { containers: "many" } });
  fake.put("pods", pod("b", "10.0.0.2"));
  await until(() => running.addresses("pods").length === 2, "the other pod");
  expect(running.addresses("pods")).toEqual(["10.0.0.1:80", "10.0.0.2:80"]);
  const errors = "kube_state_mosaic_sd_kubernetes_decode_errors_total";
  expect(await running.metric(errors)).toBe(1);
  fake.interrupt("close");
  fake.compact("pods");
  fake.put("pods", pod("c", "10.0.0.3"));
  await until(() => running.addresses("pods").length === 3, "the third pod");
  expect(running.addresses("pods")).toEqual(["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]);
});
