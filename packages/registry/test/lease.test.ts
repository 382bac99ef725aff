import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient } from "@kube-state-mosaic/kubernetes";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LeaseRegistry, type LeaseRegistryOptions } from "../src/lease.ts";
import { leaseRole } from "../src/lease-role.ts";
import type { StoredLayout } from "../src/registry.ts";
import { layoutText, record } from "./layouts.ts";
import { clusterAt, startLeaseBackend } from "./lease-backend.ts";
import { ManualClock } from "../../kubernetes/test/manual-clock.ts";
import { sharedRegistry } from "./registry.suite.ts";
import { until } from "./until.ts";

describe("a registry of Leases", () => {
  sharedRegistry(startLeaseBackend);

  const namespace = "monitoring";
  const statefulset = "ksm";
  let server: FakeKubernetes;
  let client: ApiClient;
  let clock: ManualClock;
  let abort: AbortController;
  let errors: unknown[];

  beforeEach(async () => {
    server = await startFakeKubernetes({ now: () => 1_700_000_000_000 });
    server.create("namespaces", { metadata: { name: namespace } });
    client = new ApiClient({ cluster: clusterAt(server.url) });
    clock = new ManualClock();
    abort = new AbortController();
    errors = [];
  });

  afterEach(async () => {
    abort.abort();
    await client.close();
    await server.close();
  });

  const open = (options: Partial<LeaseRegistryOptions> = {}): LeaseRegistry =>
    new LeaseRegistry({
      client,
      namespace,
      statefulset,
      identity: { ordinal: "3", uid: "pod-uid" },
      clock,
      random: () => 0.5,
      observer: { onError: (error) => errors.push(error) },
      ...options,
    });
  const lease = (name: string): unknown => server.get("leases", { namespace, name });

  test("keeps a Lease for each worker, whose holder is its pod and whose owner is the StatefulSet", async () => {
    const registry = open({ owner: () => ({ name: statefulset, uid: "set-uid" }) });
    registry.register(record({ reason: "pods: listing" }));
    clock.advance(0);
    await until("it is written", () => lease("ksm-3") !== undefined);
    expect(lease("ksm-3")).toMatchObject({
      metadata: {
        labels: { "kube-state-mosaic/member-of": "ksm" },
        annotations: {
          "kube-state-mosaic/member": JSON.stringify(record({ reason: "pods: listing" })),
        },
        ownerReferences: [
          {
            apiVersion: "apps/v1",
            kind: "StatefulSet",
            name: "ksm",
            uid: "set-uid",
            blockOwnerDeletion: false,
          },
        ],
      },
      spec: {
        holderIdentity: "pod-uid",
        leaseDurationSeconds: 40,
        acquireTime: "2023-11-14T22:13:20.000000Z",
        renewTime: "2023-11-14T22:13:20.000000Z",
        leaseTransitions: 0,
      },
    });
    await until("it is renewed", () => {
      clock.advance(1_000);
      return !JSON.stringify(lease("ksm-3")).includes('renewTime":"2023-11-14T22:13:20.000000Z');
    });
    expect(lease("ksm-3")).toMatchObject({ spec: { acquireTime: "2023-11-14T22:13:20.000000Z" } });
    await registry.release();
  });

  test("keeps the layout in one annotation of a Lease of its own, which is no member", async () => {
    const registry = open({ owner: () => ({ name: statefulset, uid: "set-uid" }) });
    await registry.writeLayout(layoutText(1), undefined);
    expect(lease("ksm-layout")).toMatchObject({
      metadata: {
        annotations: { "kube-state-mosaic/layout": layoutText(1) },
        ownerReferences: [{ kind: "StatefulSet", uid: "set-uid" }],
      },
    });
    registry.watchMembers(() => undefined, abort.signal);
    await until("it watches", () => registry.up);
    expect(registry.members()).toEqual([]);
  });

  test("a layout Lease that lost its annotation holds an empty text, which can be replaced", async () => {
    const registry = open();
    server.create("leases", { metadata: { namespace, name: "ksm-layout" } });
    const stored = await registry.readLayout();
    expect(stored).toMatchObject({ text: "" });
    expect(await registry.writeLayout(layoutText(1), stored?.version)).toBe("written");
  });

  test("Leases of others and unreadable ones are no members", async () => {
    const labels = { "kube-state-mosaic/member-of": "ksm" };
    const annotations = { "kube-state-mosaic/member": JSON.stringify(record()) };
    const put = (name: string, metadata: object): void =>
      void server.put("leases", { metadata: { namespace, name, ...metadata }, spec: {} });
    put("ksm-0", { labels, annotations });
    put("ksm-x", { labels, annotations });
    put("other-1", { labels, annotations });
    put("ksm-4", { labels, annotations: { "kube-state-mosaic/member": "{" } });
    put("ksm-5", { labels });
    put("ksm-6", { annotations });
    const registry = open();
    registry.watchMembers(() => undefined, abort.signal);
    await until("it watches", () => registry.up);
    expect(registry.members().map(({ ordinal }) => ordinal)).toEqual(["0"]);
  });

  test("without permission it is uncoordinated, says once which Role to apply, and coordinates once it may", async () => {
    const states: unknown[] = [];
    const allow = server.faults.on(
      { path: /leases/, times: Infinity },
      { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    );
    const registry = open({
      observer: { onError: (error) => errors.push(error), onState: (state) => states.push(state) },
    });
    registry.watchLayout(() => undefined, abort.signal);
    registry.watchMembers(() => undefined, abort.signal);
    registry.register(record());
    const passed = 120_000;
    await until("two minutes pass", () => {
      clock.advance(500);
      return clock.now() >= passed;
    });
    expect(registry.mode).toBe("uncoordinated");
    expect(registry.up).toBe(false);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code: "REGISTRY_FORBIDDEN",
      message: expect.stringContaining(leaseRole({ namespace, statefulset })),
    });
    await expect(registry.writeLayout(layoutText(1), undefined)).rejects.toMatchObject({
      code: "REGISTRY_FORBIDDEN",
    });
    allow();
    await until("it coordinates", () => {
      clock.advance(500);
      return registry.up;
    });
    expect(registry.mode).toBe("lease");
    expect(states).toEqual([
      { up: false, mode: "uncoordinated" },
      { up: true, mode: "lease" },
    ]);
    await registry.release();
  });

  test("the Role that an error names is for the service account of the pod", async () => {
    server.faults.on(
      { path: /leases/, times: Infinity },
      { kind: "status", code: 403, reason: "Forbidden", message: "no" },
    );
    const registry = open({ serviceAccount: "exporter" });
    await expect(registry.readLayout()).rejects.toMatchObject({
      code: "REGISTRY_FORBIDDEN",
      message: expect.stringContaining(
        leaseRole({ namespace, statefulset, serviceAccount: "exporter" }),
      ),
    });
  });

  test("the Role allows every request that is made, and nothing cluster-wide", () => {
    const role = leaseRole({ namespace, statefulset, serviceAccount: "exporter" });
    expect(role).not.toContain("\n");
    const { items } = JSON.parse(role) as { items: readonly Record<string, unknown>[] };
    expect(items.map(({ kind }) => kind)).toEqual(["Role", "RoleBinding"]);
    expect(items[0]!["rules"]).toContainEqual({
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      verbs: ["get", "list", "watch", "create", "update", "delete"],
    });
    expect(items[1]!["subjects"]).toEqual([
      { kind: "ServiceAccount", name: "exporter", namespace: "monitoring" },
    ]);
    expect(role.match(/"namespace":"monitoring"/g)).toHaveLength(3);
  });

  test("a watch that hangs makes nobody look dead: the list is asked", async () => {
    const observer = open();
    observer.watchMembers(() => undefined, abort.signal);
    await until("it watches", () => server.runningWatches.length === 1);
    const member = open({ identity: { ordinal: "0", uid: "u" } });
    member.register(record());
    clock.advance(0);
    await until("it is seen", () => observer.freshness("0") === "fresh");
    server.interrupt("stall");
    let stale = 0;
    await until("three minutes pass", () => {
      clock.advance(250);
      if (observer.freshness("0") !== "fresh") stale += 1;
      return clock.now() > 180_000;
    });
    expect(stale).toBe(0);
    const lists = server.requests.filter(({ path }) => path.endsWith("/leases"));
    expect(lists.length).toBeGreaterThan(5);
    await member.release();
  });

  test("an expired watch is followed by a list at once, without counting as an outage", async () => {
    const registry = open();
    const seen: (StoredLayout | undefined)[] = [];
    registry.watchLayout((layout) => seen.push(layout), abort.signal);
    await until("it watches", () => server.runningWatches.length === 1);
    // One that ends sooner is a failure.
    clock.advance(2_000);
    server.faults.on(
      { verb: "watch" },
      { kind: "error-event", afterEvents: 0, code: 410, reason: "Expired" },
    );
    server.interrupt("end");
    await registry.writeLayout(layoutText(1), undefined);
    await until("the layout is seen", () => seen.length === 2);
    expect(errors).toEqual([]);
    expect(seen[1]?.text).toBe(layoutText(1));
  });

  test("a watch that the server ends at once is not asked for again at once", async () => {
    server.faults.on({ verb: "watch", times: Infinity }, { kind: "end", afterEvents: 0 });
    const registry = open();
    registry.watchLayout(() => undefined, abort.signal);
    await until("it has failed", () => errors.length === 1);
    clock.advance(60_000);
    const before = server.requests.length;
    expect(before).toBeLessThan(10);
    expect(errors[0]).toMatchObject({ code: "WATCH_TOO_SHORT" });
  });

  test("bytes that are no event are an error, and everything is read again", async () => {
    const registry = open();
    const seen: (string | undefined)[] = [];
    server.faults.on(
      { verb: "watch" },
      { kind: "insert", afterEvents: 1, bytes: Buffer.from('{"type":\n') },
    );
    registry.watchLayout((layout) => seen.push(layout?.text), abort.signal);
    await until("it watches", () => server.runningWatches.length === 1);
    await registry.writeLayout(layoutText(1), undefined);
    await until("the error is told", () => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: "WATCH_UNREADABLE" });
    await registry.writeLayout(layoutText(2), (await registry.readLayout())?.version);
    await until("the next one is seen", () => {
      clock.advance(500);
      return seen.at(-1) === layoutText(2);
    });
    expect(seen).toEqual([undefined, layoutText(1), layoutText(2)]);
  });

  test("a watch that comes in pieces of three bytes brings the same events", async () => {
    server.faults.on({ verb: "watch" }, { kind: "split", bytes: 3 });
    const registry = open();
    const seen: (string | undefined)[] = [];
    registry.watchLayout((layout) => seen.push(layout?.text), abort.signal);
    await until("it watches", () => server.runningWatches.length === 1);
    await registry.writeLayout(layoutText(1), undefined);
    await registry.writeLayout(layoutText(2), (await registry.readLayout())?.version);
    await until("the last is seen", () => seen.at(-1) === layoutText(2));
    // The first may have been passed over, when the second was written before it was seen.
    expect(seen[0]).toBeUndefined();
    expect(new Set(seen).size).toBe(seen.length);
    expect(errors).toEqual([]);
  });

  test("one who only looks on cannot register", () => {
    const looking = new LeaseRegistry({ client, namespace, statefulset });
    expect(() => looking.register(record())).toThrow(
      expect.objectContaining({ code: "REGISTRY_NO_IDENTITY" }),
    );
  });
});
