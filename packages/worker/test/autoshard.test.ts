import {
  populate,
  startFakeKubernetes,
  type FakeKubernetes,
} from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster, systemClock } from "@kube-state-mosaic/kubernetes";
import { findStatefulSet, LeaseRegistry } from "@kube-state-mosaic/registry";
import { createTelemetry, shardingMetrics, createLogger } from "@kube-state-mosaic/telemetry";
import { expect, test } from "vitest";
import { Autoshard, LayoutViews, Share, type Worker } from "../src/index.ts";
import { startWorker, until, type Fixture } from "./fixture.ts";

const namespace = "monitoring";
const statefulset = "mosaic";
const fast = { timeout: 60_000 };

/** A clock that runs `speed` times as fast as the real one, so that the protocol's seconds pass in a test's time. */
function fastClock(speed: number) {
  const origin = performance.now();
  const epoch = Date.now();
  const now = (): number => (performance.now() - origin) * speed;
  return {
    now,
    wall: () => Math.floor(epoch + now()),
    after: (ms: number, run: () => void) => systemClock.after(ms / speed, run),
  };
}

const clock = fastClock(20);

function createStatefulSet(server: FakeKubernetes, replicas: number): void {
  server.create("namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  server.create("statefulsets", {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: statefulset, namespace },
    spec: { replicas },
  });
}

interface Member {
  readonly fixture: Fixture;
  readonly views: LayoutViews;
  readonly autoshard: Autoshard;
  stop(): Promise<void>;
}

async function startMember(server: FakeKubernetes, index: number): Promise<Member> {
  const pod = `${statefulset}-${index}`;
  const { uid = "" } = server.get("statefulsets", { namespace, name: statefulset })!.metadata!;
  const owner = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: statefulset,
    uid,
    controller: true,
  };
  server.put("pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod, namespace, ownerReferences: [owner] },
    spec: { containers: [] },
  });
  const cluster = await loadCluster({ apiserver: server.url, environment: {} });
  const client = new ApiClient({ cluster });
  const stopping = new AbortController();
  const { signal } = stopping;
  const source = await findStatefulSet({ client, namespace, pod, clock }, signal);
  const { ordinal } = source.own;
  const registry = new LeaseRegistry({
    client,
    namespace,
    statefulset,
    clock,
    identity: { ordinal, uid: source.own.uid },
    ownPodUid: (stop) => source.podUid(stop),
  });
  const share = new Share(ordinal);
  let worker: Worker | undefined;
  let autoshard: Autoshard | undefined;
  const views = new LayoutViews({
    ordinal,
    share,
    clock,
    exposed: () => worker?.exposed ?? [],
    running: () => worker?.running ?? false,
    onUnknownEpoch: () => autoshard?.refresh(),
    onUnsupported: () => undefined,
  });
  const logger = createLogger({
    format: "text",
    level: "warn",
    destination: { write: () => undefined },
  });
  const made = new Autoshard({
    ordinal,
    registry,
    source,
    views,
    clock,
    hash: "fnv1a64",
    describe: { address: `http://${pod}`, incarnation: pod, image: "v0", config: "", supports: [] },
    logger,
    metrics: shardingMetrics(createTelemetry()),
    onShard: () => undefined,
  });
  autoshard = made;
  let running: Promise<void> = Promise.resolve();
  const fixture = await startWorker({ placement: share, views }, server, async (given) => {
    worker = given;
    running = made.run(signal);
    await made.adopted;
  });
  return {
    fixture,
    views,
    autoshard: made,
    async stop() {
      stopping.abort();
      await running;
      await fixture[Symbol.asyncDispose]();
      await client.close();
    },
  };
}

/** How often each pod is shown by these workers, and by which epochs. */
async function shown(members: readonly Member[]) {
  const counts = new Map<string, number>();
  const epochs = new Set<string>();
  for (const { fixture } of members) {
    const response = await fixture.app.request("/metrics");
    if (response.status !== 200) return { counts: undefined, epochs };
    epochs.add(response.headers.get("x-mosaic-epoch")!);
    for (const [, uid = ""] of (await response.text()).matchAll(
      /^kube_pod_info\{[^}]*uid="([^"]*)"/gm,
    ))
      counts.set(uid, (counts.get(uid) ?? 0) + 1);
  }
  return { counts, epochs };
}

test(
  "workers find their StatefulSet, agree on a layout by Leases, and follow its replicas without a gap",
  fast,
  async () => {
    await using server = await startFakeKubernetes({ bookmarkIntervalSeconds: 1 });
    populate(server, { pods: 200, seed: 9 });
    createStatefulSet(server, 1);
    const members = [await startMember(server, 0)];
    await until(() => members[0]!.views.epochs.length === 1);
    const stable = new Set(server.names("pods").map(({ uid }) => uid));

    let rounds = 0;
    const wrong: string[] = [];
    const check = async (): Promise<Set<string>> => {
      const { counts, epochs } = await shown(members);
      if (counts !== undefined && epochs.size === 1) {
        rounds++;
        wrong.push(...[...stable].filter((uid) => counts.get(uid) !== 1));
      }
      return epochs;
    };
    const inForce = async (count: number): Promise<void> =>
      until(async () => {
        await check();
        return members.every(
          ({ autoshard, views }) =>
            views.layouts.state?.pending === undefined &&
            views.layouts.state?.active.members.length === count &&
            (autoshard.describe() as { inForce: number }).inForce ===
              views.layouts.state.active.epoch,
        );
      });

    await inForce(1);
    server.patch("statefulsets", { namespace, name: statefulset }, { spec: { replicas: 3 } });
    for (const index of [1, 2]) {
      const member = await startMember(server, index);
      members.push(member);
      const { uid } = server.get("pods", { namespace, name: `${statefulset}-${index}` })!.metadata!;
      // Its event may rest for 200 ms; before or after the change of the layout.
      await until(async () => {
        const seen = [await shown(members.slice(0, 1)), await shown(members)];
        return seen.some(({ counts }) => counts?.get(uid!) === 1);
      });
      stable.add(uid!);
    }
    await inForce(3);

    server.patch("statefulsets", { namespace, name: statefulset }, { spec: { replicas: 2 } });
    const leaver = members[2]!;
    const left = leaver.autoshard.leave();
    await inForce(2);
    await left;
    expect(rounds).toBeGreaterThan(3);
    expect(wrong).toEqual([]);
    for (const member of members) await member.stop();
  },
);

test(
  "without permission for Leases workers follow the StatefulSet by themselves",
  fast,
  async () => {
    await using server = await startFakeKubernetes();
    server.faults.on(
      { path: /\/leases/, times: Infinity },
      { kind: "status", code: 403, reason: "Forbidden" },
    );
    populate(server, { pods: 100, seed: 9 });
    createStatefulSet(server, 2);
    const members = [await startMember(server, 0), await startMember(server, 1)];
    await until(() => members.every(({ views }) => views.epochs.length === 1));
    const { counts } = await shown(members);
    const uids = server.names("pods").map(({ uid }) => uid);
    await until(async () => {
      const now = (await shown(members)).counts;
      return uids.every((uid) => now?.get(uid) === 1);
    });
    expect(counts).toBeDefined();
    expect(members[0]!.autoshard.describe()).toMatchObject({ registry: { mode: "uncoordinated" } });
    for (const member of members) await member.stop();
  },
);

test("when the first three workers are gone, another one plans in their place", fast, async () => {
  await using server = await startFakeKubernetes({ bookmarkIntervalSeconds: 1 });
  createStatefulSet(server, 4);
  const members: Member[] = [];
  const answers = (count: number) => () =>
    members.every(({ autoshard, views }) => {
      const { active, pending } = views.layouts.state ?? {};
      const { inForce } = autoshard.describe() as { inForce: number };
      return (
        pending === undefined &&
        active?.members.length === count &&
        inForce === active.epoch &&
        views.epochs.includes(active.epoch)
      );
    });
  for (const index of [0, 1, 2, 3]) members.push(await startMember(server, index));
  await until(answers(4));
  const [, , , last] = members;
  expect(last!.autoshard.describe()).toMatchObject({ plan: "standby", members: [] });
  for (const member of members.splice(0, 3)) await member.stop();

  server.patch("statefulsets", { namespace, name: statefulset }, { spec: { replicas: 5 } });
  members.push(await startMember(server, 4));
  await until(answers(5));
  await until(() => (last!.autoshard.describe() as { plan: string }).plan === "standby");
  for (const member of members) await member.stop();
});

test(
  "without permission for Leases nothing is missing through 2 → 3 → 2, though a leaver is killed soon",
  fast,
  async () => {
    await using server = await startFakeKubernetes({ bookmarkIntervalSeconds: 1 });
    server.faults.on(
      { path: /\/leases/, times: Infinity },
      { kind: "status", code: 403, reason: "Forbidden" },
    );
    populate(server, { pods: 100, seed: 9 });
    createStatefulSet(server, 2);
    const members = [await startMember(server, 0), await startMember(server, 1)];
    await until(() => members.every(({ views }) => views.epochs.length === 1));
    const stable = server.names("pods").map(({ uid }) => uid);

    const missing = new Set<string>();
    let doubled = 0;
    /** Looks until everything is shown exactly once by so many. */
    const settled = (): Promise<void> =>
      until(async () => {
        const { counts } = await shown(members);
        if (counts === undefined) return false;
        for (const uid of stable) if (!counts.has(uid)) missing.add(uid);
        const twice = stable.filter((uid) => (counts.get(uid) ?? 0) > 1).length;
        doubled += twice;
        return twice === 0 && members.every(({ views }) => views.epochs.length === 1);
      });
    const scale = (replicas: number): void =>
      void server.patch("statefulsets", { namespace, name: statefulset }, { spec: { replicas } });
    await settled();

    scale(3);
    members.push(await startMember(server, 2));
    await settled();
    expect(doubled).toBeGreaterThan(0);

    scale(2);
    const leaver = members[2]!;
    // Nobody tells its deadline: it stays for 20 s.
    const left = leaver.autoshard.leave().then(() => members.splice(2, 1));
    await settled();
    await left;
    await settled();
    expect([...missing]).toEqual([]);
    for (const member of [...members, leaver]) await member.stop();
  },
);
