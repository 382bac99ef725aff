import { readFileSync } from "node:fs";
import { ControlPlaneClient, run } from "@kube-state-mosaic/control-plane";
import { ApiClient, type Cluster } from "@kube-state-mosaic/kubernetes";
import { findStatefulSet, leaseRole, LeaseRegistry } from "@kube-state-mosaic/registry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../packages/registry/test/backend.ts";
import { layoutText, record } from "../../packages/registry/test/layouts.ts";
import { ManualClock } from "../../packages/kubernetes/test/manual-clock.ts";
import { Gate } from "../../packages/registry/test/redis-server.ts";
import { sharedRegistry } from "../../packages/registry/test/registry.suite.ts";
import { until } from "../../packages/registry/test/until.ts";
import { sharedCluster } from "./environment.ts";

const connection = sharedCluster();
const statefulset = "ksm";

describe.skipIf(connection === undefined)("a registry of Leases on a real API server", () => {
  let admin: ControlPlaneClient;
  let namespaces = 0;

  beforeAll(() => {
    admin = new ControlPlaneClient(connection!);
  });
  afterAll(async () => {
    for (let index = 1; index <= namespaces; index++)
      await admin.request(`/api/v1/namespaces/registry-${index}`, { method: "DELETE" });
    admin.close();
  });

  const leasesOf = (namespace: string): string =>
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;

  /** A namespace with a service account that may do nothing yet; its token. */
  const stage = async (): Promise<{ namespace: string; token: string }> => {
    namespaces += 1;
    const namespace = `registry-${namespaces}`;
    const post = async (path: string, body: object): Promise<unknown> =>
      admin.send(path, { method: "POST", body });
    await post("/api/v1/namespaces", { metadata: { name: namespace } });
    const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await post(accounts, { metadata: { name: statefulset } });
    const answer = (await post(`${accounts}/${statefulset}/token`, { spec: {} })) as {
      readonly status: { readonly token: string };
    };
    return { namespace, token: answer.status.token };
  };

  const applyRole = async (namespace: string): Promise<void> => {
    const { kubectlPath, kubeconfigPath } = connection!;
    const args = [`--kubeconfig=${kubeconfigPath}`, "apply", "--filename=-"];
    await run(kubectlPath, args, { input: leaseRole({ namespace, statefulset }) });
  };

  const clusterAt = (server: string, token: string): Cluster => {
    const authentication = {
      headers: { authorization: `Bearer ${token}` },
      tls: { ca: readFileSync(connection!.caFile, "utf8") },
    };
    return {
      server: new URL(server),
      proxy: undefined,
      origin: "url",
      authenticate: () => Promise.resolve(authentication),
      refused: () => undefined,
    };
  };

  /** What a worker is, with the Role that the program itself prints and no other right. */
  const startBackend = async (): Promise<Backend> => {
    const { namespace, token } = await stage();
    await applyRole(namespace);
    const gate = new Gate(Number(new URL(connection!.url).port));
    await gate.open();
    const clients: ApiClient[] = [];
    const layout = `${leasesOf(namespace)}/${statefulset}-layout`;
    const backend: Backend = {
      mode: "lease",
      open: (options) => {
        const cluster = clusterAt(`https://127.0.0.1:${gate.port}`, token);
        const client = new ApiClient({ cluster });
        clients.push(client);
        return new LeaseRegistry({ client, namespace, statefulset, random: () => 0.5, ...options });
      },
      stop: () => gate.close(),
      start: () => gate.open(),
      deleteLayout: async () => void (await admin.send(layout, { method: "DELETE" })),
      restoreLayout: async (text) => {
        await admin.send(layout, {
          method: "PATCH",
          contentType: "application/merge-patch+json",
          body: { metadata: { annotations: { "kube-state-mosaic/layout": text } } },
        });
      },
      deleteMembers: async () => {
        const selected = `${leasesOf(namespace)}?labelSelector=kube-state-mosaic%2Fmember-of`;
        await admin.send(selected, { method: "DELETE" });
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(clients.map((client) => client.close()));
        await gate.close();
      },
    };
    // Roles take effect when the authorizer has seen them.
    const probe = backend.open({ clock: new ManualClock() });
    await until("the Role is in force", async () =>
      probe.readLayout().then(
        () => true,
        () => false,
      ),
    );
    return backend;
  };

  sharedRegistry(startBackend);

  test("a service account without rights is uncoordinated until the Role that is printed has been applied", async () => {
    const { namespace, token } = await stage();
    await using client = new ApiClient({ cluster: clusterAt(connection!.url, token) });
    const clock = new ManualClock();
    const abort = new AbortController();
    const errors: unknown[] = [];
    const registry = new LeaseRegistry({
      client,
      namespace,
      statefulset,
      identity: { ordinal: "0", uid: "u" },
      clock,
      observer: { onError: (error) => errors.push(error) },
    });
    registry.watchLayout(() => undefined, abort.signal);
    registry.watchMembers(() => undefined, abort.signal);
    registry.register(record());
    await until("it is uncoordinated", () => {
      clock.advance(100);
      return registry.mode === "uncoordinated";
    });
    expect(errors).toMatchObject([{ code: "REGISTRY_FORBIDDEN" }]);
    await applyRole(namespace);
    await until("it coordinates", () => {
      clock.advance(500);
      return registry.up && registry.freshness("0") === "fresh";
    });
    expect(registry.mode).toBe("lease");
    expect(await registry.writeLayout(layoutText(1), undefined)).toBe("written");
    await registry.release({ gone: true });
    abort.abort();
    expect((await admin.request(`${leasesOf(namespace)}/ksm-0`)).status).toBe(404);
  });

  test("the Role is enough for finding, reading and watching the StatefulSet, and for asking who we are", async () => {
    const { namespace, token } = await stage();
    await applyRole(namespace);
    const set = (await admin.send(`/apis/apps/v1/namespaces/${namespace}/statefulsets`, {
      method: "POST",
      body: {
        metadata: { name: statefulset },
        spec: {
          replicas: 0,
          ordinals: { start: 3 },
          serviceName: statefulset,
          selector: { matchLabels: { app: statefulset } },
          template: {
            metadata: { labels: { app: statefulset } },
            spec: { containers: [{ name: "worker", image: "none" }] },
          },
        },
      },
    })) as { readonly metadata: { readonly uid: string } };
    const pod = (await admin.send(`/api/v1/namespaces/${namespace}/pods`, {
      method: "POST",
      body: {
        metadata: {
          name: `${statefulset}-7`,
          // Another controller's label, so that the StatefulSet's does not remove it.
          ownerReferences: [
            {
              apiVersion: "apps/v1",
              kind: "StatefulSet",
              name: statefulset,
              uid: set.metadata.uid,
              controller: true,
            },
          ],
        },
        spec: { containers: [{ name: "worker", image: "none" }] },
      },
    })) as { readonly metadata: { readonly uid: string } };
    await using client = new ApiClient({ cluster: clusterAt(connection!.url, token) });
    const clock = new ManualClock();
    const abort = new AbortController();
    const found = findStatefulSet(
      { client, namespace, pod: `${statefulset}-7`, clock, random: () => 0 },
      abort.signal,
    );
    let source: Awaited<typeof found> | undefined;
    void found.then((result) => (source = result));
    await until("it is found", () => {
      clock.advance(1_000);
      return source !== undefined;
    });
    expect(source!.own).toEqual({
      uid: pod.metadata.uid,
      statefulset,
      ordinal: "7",
      serviceAccount: "default",
    });
    expect(await source!.podUid()).toBe(pod.metadata.uid);
    expect(await source!.read()).toEqual({
      name: statefulset,
      uid: set.metadata.uid,
      generation: 1,
      start: 3,
      replicas: 0,
      deleting: false,
    });
    const seen: (number | undefined)[] = [];
    source!.watch((state) => seen.push(state?.generation), abort.signal);
    await until("the present state", () => seen.length === 1);
    await admin.send(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${statefulset}`, {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: { spec: { ordinals: { start: 4 } } },
    });
    await until("the change", () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    abort.abort();
  });
});
