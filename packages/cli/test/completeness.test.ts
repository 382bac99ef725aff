import { populate, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { fixedView } from "@kube-state-mosaic/worker";
import { expect, test } from "vitest";
import { agentOf, Shards, until } from "./shards.ts";

const pods = "/api/v1/pods";

function fill(server: FakeKubernetes): void {
  populate(server, { pods: 120, seed: 5 });
}

function pod(name: string) {
  return {
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "c", image: "i" }] },
  };
}

function fromShard(shard: number) {
  return ({ headers }: { headers: { "user-agent"?: string | undefined } }) =>
    headers["user-agent"] === agentOf(shard);
}

test("what all shards hold together is proven complete, and the other resource is told apart", async () => {
  await using shards = await Shards.start(3, { prepare: fill });
  const proof = await shards.untilProof("pods", ({ complete }) => complete);
  expect(proof).toMatchObject({ reason: "", objects: shards.server.names("pods").length });
  expect(proof.verifiedAge).toBeLessThan(1);
  expect(await shards.untilProof("services", ({ complete }) => complete)).toBeDefined();
});

test("a shard whose bookmarks are dropped is behind after 90 s", async () => {
  await using shards = await Shards.start(3, {
    prepare: (server) => {
      fill(server);
      server.faults.on(
        { path: pods, verb: "watch", when: fromShard(1), times: Infinity },
        {
          kind: "drop",
          event: ({ type, initialEventsEnd }) => type === "BOOKMARK" && !initialEventsEnd,
        },
      );
    },
  });
  await shards.untilProof("pods", ({ complete }) => complete);
  // Another resource moves the version on: bookmarks of pods tell the others.
  shards.server.create("services", { metadata: { name: "s", namespace: "default" }, spec: {} });
  await shards.untilProof("services", ({ objects }) => objects > 0);
  const wanted = shards.server.resourceVersion;
  await shards.untilProof("pods", () =>
    (shards.coordinator.last?.shards ?? []).some(({ answer }) =>
      answer?.manifest.reflectors.some(({ name, version }) => name === "pods" && version >= wanted),
    ),
  );
  expect(await shards.proof("pods", 80)).toMatchObject({ complete: true });
  expect(await shards.proof("pods", 15)).toMatchObject({ complete: false, reason: "behind" });
  expect(await shards.proof("services", 0)).toMatchObject({ complete: true });
});

test("a shard that is stuck is behind 10 s after an event of another shard", async () => {
  await using shards = await Shards.start(3, { prepare: fill });
  await shards.untilProof("pods", ({ complete }) => complete);
  shards.server.faults.on(
    { path: pods, verb: "watch", when: fromShard(2), times: Infinity },
    { kind: "drop", event: () => true },
  );
  // The running watch of that shard begins anew, and brings nothing.
  shards.server.interrupt("end", pods);
  for (let number = 0; number < 10; number++) shards.server.create("pods", pod(`new-${number}`));
  await shards.untilProof("pods", ({ objects }) => objects > 124);
  const proof = await shards.proof("pods", 11);
  expect(proof).toMatchObject({ complete: false, reason: "behind" });
  expect(proof.detail).toContain("shard 2");
  expect(await shards.proof("services", 0)).toMatchObject({ complete: true });
});

test("a list that loses its continue token in one shard is a wrong count, which names the shard", async () => {
  await using shards = await Shards.start(3, {
    fake: { streamingLists: "refuse-gate" },
    prepare: (server) => {
      populate(server, { pods: 1_200, seed: 5 });
      server.faults.on({ path: pods, verb: "list", when: fromShard(1) }, { kind: "drop-continue" });
    },
  });
  const proof = await shards.untilProof("pods", ({ reason }) => reason === "count");
  expect(proof).toMatchObject({ complete: false });
  expect(proof.detail).toContain("shard 1 differs");
  expect(await shards.untilProof("services", ({ complete }) => complete)).toBeDefined();
});

test("a continue token that is lost in all shards is found by the API server's own count", async () => {
  await using shards = await Shards.start(3, {
    fake: { streamingLists: "refuse-gate" },
    prepare: (server) => {
      populate(server, { pods: 1_200, seed: 5 });
      server.faults.on(
        {
          path: pods,
          verb: "list",
          times: Infinity,
          when: ({ query }) => query.get("limit") !== "1",
        },
        { kind: "drop-continue" },
      );
    },
  });
  const proof = await shards.untilProof("pods", ({ reason }) => reason === "count");
  expect(proof.detail).toMatch(/the API server 12\d\d/);
});

test("a relist that is cut to one page is a wrong count", async () => {
  await using shards = await Shards.start(2, {
    fake: { streamingLists: "refuse-gate" },
    prepare: (server) => populate(server, { pods: 1_200, seed: 5 }),
  });
  await shards.untilProof("pods", ({ complete }) => complete);
  shards.server.faults.on(
    { path: pods, verb: "list", when: fromShard(0), times: Infinity },
    { kind: "drop-continue" },
  );
  shards.server.faults.on(
    { path: pods, verb: "watch", when: fromShard(0) },
    { kind: "status", code: 410 },
  );
  shards.server.interrupt("end", pods);
  const proof = await shards.untilProof("pods", ({ reason }) => reason === "count");
  expect(proof.complete).toBe(false);
});

test("an event that is dropped is a wrong count with the next one", async () => {
  await using shards = await Shards.start(2, { prepare: fill });
  await shards.untilProof("pods", ({ complete }) => complete);
  shards.server.faults.on(
    { path: pods, verb: "watch", times: Infinity },
    { kind: "drop", event: ({ name }) => name === "lost" },
  );
  shards.server.interrupt("end", pods);
  shards.server.create("pods", pod("lost"));
  shards.server.create("pods", pod("found"));
  // Both shards lose it, so that only the API server's count tells.
  const proof = await shards.untilProof("pods", ({ complete }) => !complete);
  expect(proof).toMatchObject({ reason: "count" });
});

test("an object that all lose while another stays that is gone is seen by a census only", async () => {
  const exchange = async (shards: Shards): Promise<void> => {
    await shards.untilProof("pods", ({ complete }) => complete);
    shards.server.faults.on(
      { path: pods, verb: "watch", times: Infinity },
      { kind: "drop", event: ({ name }) => name === "lost" || name === "ghost" },
    );
    shards.server.interrupt("end", pods);
    shards.server.delete("pods", { name: "ghost", namespace: "default" });
    shards.server.create("pods", pod("lost"));
    shards.server.create("pods", pod("found"));
    const wanted = shards.server.resourceVersion;
    await until(() => shards.versions("pods").every((version) => version >= wanted));
  };
  const prepare = (server: FakeKubernetes): void => {
    fill(server);
    server.create("pods", pod("ghost"));
  };
  const often = { afterListMs: 0, everyMs: 500 };
  {
    await using counted = await Shards.start(2, { prepare, worker: () => ({ probes: often }) });
    await exchange(counted);
    const probed = counted.server.resourceVersion;
    counted.server.create("pods", pod("another"));
    await until(() => counted.probes("pods").some((version) => version > probed));
    expect(await counted.proof("pods")).toMatchObject({ complete: true });
  }
  const probes = { ...often, censusMs: 500 };
  await using listed = await Shards.start(2, { prepare, worker: () => ({ probes }) });
  await exchange(listed);
  const proof = await listed.untilProof("pods", ({ complete }) => !complete);
  expect(proof).toMatchObject({ reason: "set" });
  expect(proof.detail).toContain("as the API server does, but not the same ones");
});

test("an event without a UID is undecodable, and no shard passes over it", async () => {
  await using shards = await Shards.start(2, { prepare: fill });
  await shards.untilProof("pods", ({ complete }) => complete);
  shards.server.faults.on(
    { path: pods, verb: "watch", times: Infinity },
    { kind: "strip-uid", event: ({ name }) => name === "nameless" },
  );
  shards.server.interrupt("end", pods);
  shards.server.create("pods", pod("nameless"));
  const proof = await shards.untilProof("pods", ({ complete }) => !complete);
  expect(proof).toMatchObject({ reason: "undecodable" });
  expect(await shards.proof("services", 0)).toMatchObject({ complete: true });
});

test("a selector that the API server ignores for one shard is a wrong count", async () => {
  await using shards = await Shards.start(2, {
    worker: () => ({ namespacesDenylist: ["kube-system"] }),
    prepare: (server) => {
      fill(server);
      server.create("pods", {
        ...pod("system"),
        metadata: { name: "system", namespace: "kube-system" },
      });
      server.faults.on(
        { path: pods, when: fromShard(1), times: Infinity },
        { kind: "ignore", parameters: ["fieldSelector"] },
      );
    },
  });
  const proof = await shards.untilProof("pods", ({ reason }) => reason === "count");
  expect(proof.complete).toBe(false);
});

test.each([
  ["one of four", { shard: 1, totalShards: 4 }, /one of 4 shards/],
  ["shard 0 like another", { shard: 0, totalShards: 2 }, /is shard 0, and so is/],
])("a worker that says it is %s makes a refusal", async (_, wrong, wanted) => {
  await using shards = await Shards.start(2, {
    prepare: fill,
    worker: (shard) =>
      shard === 1 ? { views: fixedView({ ...wrong, hash: "jump", epoch: 0 }) } : {},
  });
  const { faults } = await shards.coordinator.cycle();
  expect(faults.join()).toMatch(wanted);
});

test("an hour of births, changes and deaths raises no alarm", async () => {
  await using shards = await Shards.start(3, { prepare: fill });
  await shards.untilProof("pods", ({ complete }) => complete);
  const names = shards.server.names("pods");
  const alarms: unknown[] = [];
  let next = 0;
  for (let scrape = 0; scrape < 240; scrape++) {
    for (let change = 0; change < 12; change++) {
      const victim = names[(next * 7) % names.length];
      if (next % 3 === 0) shards.server.create("pods", pod(`churn-${next}`));
      else if (next % 3 === 1)
        shards.server.delete("pods", { name: `churn-${next - 1}`, namespace: "default" });
      else if (victim !== undefined)
        shards.server.patch("pods", victim, { metadata: { labels: { round: String(next) } } });
      next++;
      if (change % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const lastOfPods = shards.server.resourceVersion;
    shards.server.put("services", {
      metadata: { name: "s", namespace: "default", labels: { round: String(scrape) } },
      spec: {},
    });
    const judge = async (seconds: number): Promise<void> => {
      for (const resource of ["pods", "services"]) {
        const proof = await shards.proof(resource, seconds);
        if (!proof.complete) alarms.push({ scrape, ...proof });
      }
    };
    // Once with events on their way, each shard at a version of its own.
    await judge(1.1);
    const wanted = shards.server.resourceVersion;
    await until(
      () =>
        shards.versions("services").every((version) => version >= wanted) &&
        shards.versions("pods").every((version) => version >= lastOfPods),
    );
    await judge(6.4);
  }
  expect(alarms).toEqual([]);
}, 60_000);
