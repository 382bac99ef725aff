import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient } from "@kube-state-mosaic/kubernetes";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findStatefulSet, type StatefulSetSource } from "../src/statefulset-source.ts";
import type { StatefulSetState } from "../src/statefulset-state.ts";
import { clusterAt } from "./lease-backend.ts";
import { ManualClock } from "../../kubernetes/test/manual-clock.ts";
import { until } from "./until.ts";

const namespace = "monitoring";
const owner = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  name: "ksm",
  uid: "s1",
  controller: true,
};

describe("the StatefulSet of a pod", () => {
  let server: FakeKubernetes;
  let client: ApiClient;
  let clock: ManualClock;
  let abort: AbortController;
  let logged: string[];

  beforeEach(async () => {
    server = await startFakeKubernetes();
    server.create("namespaces", { metadata: { name: namespace } });
    client = new ApiClient({ cluster: clusterAt(server.url) });
    clock = new ManualClock();
    abort = new AbortController();
    logged = [];
  });

  afterEach(async () => {
    abort.abort();
    await client.close();
    await server.close();
  });

  const putPod = (name: string, over: object = {}): void => {
    const metadata = { name, namespace, uid: `uid-${name}`, ownerReferences: [owner], ...over };
    server.put("pods", { metadata, spec: { serviceAccountName: "exporter", containers: [] } });
  };
  const putSet = (spec: object, name: string = "ksm"): void => {
    server.put("statefulsets", { metadata: { name, namespace }, spec });
  };
  const find = (pod: string): Promise<StatefulSetSource> => {
    const note = (message: string, fields?: object): void =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
    const log = { info: note, warn: note };
    return findStatefulSet({ client, namespace, pod, clock, random: () => 0.5, log }, abort.signal);
  };

  test("is the controlling owner of apps/v1, and the ordinal follows its name", async () => {
    const others = [
      { ...owner, kind: "ReplicaSet", name: "ksm-12", uid: "r" },
      { ...owner, apiVersion: "apps.example/v1", name: "other", uid: "o" },
      { ...owner, name: "not-controlling", uid: "n", controller: false },
    ];
    putPod("ksm-12", { ownerReferences: [...others, owner] });
    const source = await find("ksm-12");
    const own = { uid: "uid-ksm-12", statefulset: "ksm", ordinal: "12" };
    expect(source.own).toEqual({ ...own, serviceAccount: "exporter" });
  });

  test("is waited for, and each obstacle is logged once", async () => {
    const found = find("ksm-0");
    await until("the first look", () => logged.length === 1);
    expect(logged[0]).toContain("404");
    putPod("ksm-0", { ownerReferences: [{ ...owner, kind: "ReplicaSet", name: "ksm-7f" }] });
    await until("the second obstacle", () => {
      clock.advance(1_000);
      return logged.length === 2;
    });
    expect(logged[1]).toContain(
      "not controlled by a StatefulSet of apps/v1, but by ReplicaSet ksm-7f",
    );
    server.delete("pods", { namespace, name: "ksm-0" });
    putPod("ksm-0", { uid: "another", ownerReferences: [{ ...owner, name: "shards" }] });
    await until("the third obstacle", () => {
      clock.advance(1_000);
      return logged.length >= 3;
    });
    expect(logged.at(-1)).toContain("not named shards-<ordinal>");
    putPod("ksm-0", { uid: "third" });
    await until("it is found", () => {
      clock.advance(1_000);
      return logged.at(-1)?.startsWith("autosharding") === true;
    });
    expect((await found).own).toMatchObject({ uid: "third", statefulset: "ksm", ordinal: "0" });
    expect(new Set(logged).size).toBe(logged.length);
  });

  test.each(["ksm-", "ksm-x", "ksm-01", "ksm--1", "other-1", "ksm-1-2"])(
    "is not found for a pod named %s",
    async (name) => {
      putPod(name);
      const found = find(name);
      await until("it is said", () => logged.length === 1);
      expect(logged[0]).toContain("not named ksm-<ordinal>");
      abort.abort(new Error("enough"));
      await expect(found).rejects.toThrow("enough");
    },
  );

  test("a missing permission is named with verb, resource and namespace", async () => {
    const forbidden = { kind: "status", code: 403, reason: "Forbidden" } as const;
    const allow = server.faults.on({ path: /pods/, times: Infinity }, forbidden);
    putPod("ksm-0");
    putSet({ replicas: 2 });
    const found = find("ksm-0");
    await until("it is said", () => logged.length === 1);
    expect(logged[0]).toContain("needs get on pods (API group core) in namespace monitoring");
    allow();
    await until("it is found", () => {
      clock.advance(1_000);
      return logged.length === 2;
    });
    const source = await found;
    server.faults.on({ path: /statefulsets/, times: Infinity }, forbidden);
    await expect(source.read()).rejects.toMatchObject({
      code: "STATEFULSET_FORBIDDEN",
      message: expect.stringContaining("needs get on statefulsets (API group apps)"),
    });
    source.watch(() => undefined, abort.signal);
    await until("it is said", () => logged.length === 3);
    expect(logged[2]).toContain("needs list and watch on statefulsets (API group apps)");
  });

  const found = async (pod: string, spec: object): Promise<StatefulSetSource> => {
    putPod(pod);
    putSet(spec);
    return find(pod);
  };

  test.each([
    { spec: { replicas: 3 }, state: { start: 0, replicas: 3 } },
    { spec: {}, state: { start: 0, replicas: 1 } },
    { spec: { replicas: null }, state: { start: 0, replicas: 1 } },
    { spec: { replicas: 0 }, state: { start: 0, replicas: 0 } },
    { spec: { replicas: 2, ordinals: { start: 5 } }, state: { start: 5, replicas: 2 } },
  ])("wants the shards of its spec: $spec", async ({ spec, state }) => {
    const source = await found("ksm-0", spec);
    expect(await source.read()).toMatchObject({ name: "ksm", deleting: false, ...state });
  });

  test("is watched by its name: changes of the spec, deletion and a new one, but not of the status", async () => {
    const source = await found("ksm-0", { replicas: 2 });
    const seen: (StatefulSetState | undefined)[] = [];
    source.watch((state) => seen.push(state), abort.signal);
    await until("the present state", () => seen.length === 1);
    const target = { namespace, name: "ksm" };
    server.patch("statefulsets", target, { status: { readyReplicas: 1 } });
    putSet({ replicas: 9 }, "other");
    await client.send("PATCH", `/apis/apps/v1/namespaces/${namespace}/statefulsets/ksm`, {
      body: { spec: { replicas: 5 } },
    });
    await until("the change", () => seen.length === 2);
    server.delete("statefulsets", target);
    await until("the deletion", () => seen.length === 3);
    putSet({ replicas: 4 });
    await until("the new one", () => seen.length === 4);
    expect(seen.map((state) => state?.replicas)).toEqual([2, 5, undefined, 4]);
    expect(seen[3]?.uid).not.toBe(seen[0]?.uid);
    expect(seen[1]?.generation).toBeGreaterThan(seen[0]?.generation ?? 0);
  });

  test("is watched again after a cut, and what was missed is told", async () => {
    const source = await found("ksm-0", { replicas: 2 });
    const seen: (number | undefined)[] = [];
    source.watch((state) => seen.push(state?.replicas), abort.signal);
    await until("the watch runs", () => server.runningWatches.length === 1);
    await server.stopListening();
    server.patch("statefulsets", { namespace, name: "ksm" }, { spec: { replicas: 7 } });
    server.compact("statefulsets");
    await server.listen();
    await until("the change", () => {
      clock.advance(1_000);
      return seen.length === 2;
    });
    expect(seen).toEqual([2, 7]);
  });

  test("names the pod that the API knows under our name", async () => {
    const source = await found("ksm-0", { replicas: 2 });
    expect(await source.podUid()).toBe("uid-ksm-0");
    putPod("ksm-0", { uid: "successor" });
    expect(await source.podUid()).toBe("successor");
    server.delete("pods", { namespace, name: "ksm-0" });
    expect(await source.podUid()).toBeUndefined();
  });

  describe("at a signal to stop", () => {
    const deletionTimestamp = "2026-01-01T00:10:00Z";

    test.each([
      { spec: { replicas: 3 }, wanted: { start: 0, replicas: 3 } },
      { spec: { replicas: 3, ordinals: { start: 1 } }, wanted: { start: 1, replicas: 3 } },
      { spec: { replicas: 0 }, wanted: { start: 0, replicas: 0 } },
      { spec: {}, wanted: { start: 0, replicas: 1 } },
    ])("a StatefulSet of $spec wants $wanted", async ({ spec, wanted }) => {
      const source = await found("ksm-4", spec);
      putPod("ksm-4", { uid: "u", deletionTimestamp });
      expect((await source.departure()).statefulSet).toMatchObject({ ...wanted, deleting: false });
    });

    test("the pod is killed at its deletion timestamp; whoever may not read it does not know", async () => {
      const source = await found("ksm-4", { replicas: 3 });
      putPod("ksm-4", { deletionTimestamp });
      expect((await source.departure()).killedAt).toBe(Date.parse(deletionTimestamp));
      putPod("ksm-4", {});
      expect((await source.departure()).killedAt).toBeUndefined();
      server.faults.on({ path: /\/pods\// }, { kind: "status", code: 403 });
      expect(await source.departure()).toMatchObject({
        statefulSet: { replicas: 3 },
        killedAt: undefined,
      });
    });

    test("a StatefulSet that is being deleted, or is gone, is told apart", async () => {
      const source = await found("ksm-4", { replicas: 3 });
      server.put("statefulsets", {
        metadata: { name: "ksm", namespace, deletionTimestamp },
        spec: { replicas: 3 },
      });
      expect((await source.departure()).statefulSet).toMatchObject({ deleting: true });
      server.delete("statefulsets", { namespace, name: "ksm" });
      expect((await source.departure()).statefulSet).toBeUndefined();
    });

    test("without an answer for 5 s it is taken for a restart", async () => {
      const source = await found("ksm-4", { replicas: 3 });
      const held = Promise.withResolvers<void>();
      server.faults.on({ path: /statefulsets/ }, { kind: "hold", until: held.promise });
      const departure = source.departure();
      await until("it asks", () =>
        server.requests.some(({ path }) => path.includes("statefulsets")),
      );
      clock.advance(4_999);
      clock.advance(1);
      expect(await departure).toEqual({ statefulSet: undefined, killedAt: undefined });
      expect(logged.at(-1)).toContain("did not answer within 5 s");
      held.resolve();
    });
  });
});
