import { setTimeout as delay } from "node:timers/promises";
import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";

/** Everything of the load is in it. */
export const loadNamespace = "load";
const steadyPods = 150;
const steadyConfigMaps = 300;
const shortLived = 40;

export type Kind = "pods" | "configmaps";

/** When the API server had an object. Monotonic milliseconds. */
export interface Life {
  readonly kind: Kind;
  readonly name: string;
  /** It has said so. */
  readonly createdAt: number;
  /** It is about to be told to remove it; undefined as long as it is to stay. */
  removedAt: number | undefined;
}

/** Objects that stay for the whole run, and no others. Pods that no scheduler looks at stay as they are. */
export async function createSteadyObjects(client: ControlPlaneClient): Promise<void> {
  await client.apply(
    JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: loadNamespace } }),
  );
  // Pods are refused before it exists.
  const account = `/api/v1/namespaces/${loadNamespace}/serviceaccounts/default`;
  while ((await client.request(account)).status !== 200) await delay(50);
  const jobs = [
    ...Array.from({ length: steadyPods }, (_, i) => () => create(client, "pods", `steady-${i}`)),
    ...Array.from(
      { length: steadyConfigMaps },
      (_, i) => () => create(client, "configmaps", `steady-${i}`),
    ),
  ];
  const worker = async (): Promise<void> => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) await job();
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

/**
 * Creates, changes and deletes, `perSecond` operations in turn, until aborted; no name is used twice. What it creates is kept in
 * `lives` as long as it is there. Answers how many operations there were.
 */
export async function churnLoad(
  client: ControlPlaneClient,
  {
    perSecond,
    lives,
    signal,
  }: { perSecond: number; lives: Map<string, Life>; signal: AbortSignal },
): Promise<number> {
  const started = performance.now();
  let count = 0;
  let next = 0;
  for (; !signal.aborted; count += 1) {
    const kind = next % 2 === 0 ? "pods" : "configmaps";
    switch (count % 4) {
      case 0:
        await create(client, kind, `short-${next}`);
        lives.set(`short-${next}`, {
          kind,
          name: `short-${next}`,
          createdAt: performance.now(),
          removedAt: undefined,
        });
        next += 1;
        break;
      case 1: {
        const oldest = lives.get(`short-${next - shortLived}`);
        if (oldest === undefined) break;
        oldest.removedAt = performance.now();
        await remove(client, oldest.kind, oldest.name);
        lives.delete(oldest.name);
        break;
      }
      case 2:
        await annotate(client, "pods", `steady-${count % steadyPods}`);
        break;
      default:
        await annotate(client, "configmaps", `steady-${count % steadyConfigMaps}`);
    }
    const due = started + ((count + 1) * 1_000) / perSecond;
    await delay(Math.max(0, due - performance.now()), undefined, { signal }).catch(() => undefined);
  }
  return count;
}

function create(client: ControlPlaneClient, kind: Kind, name: string): Promise<unknown> {
  const container = { name: "main", image: "example.org/app:1" };
  const body =
    kind === "pods"
      ? {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name },
          spec: {
            schedulerName: "none",
            terminationGracePeriodSeconds: 0,
            containers: [container],
          },
        }
      : { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "value" } };
  return client.send(path(kind), { method: "POST", body });
}

function remove(client: ControlPlaneClient, kind: Kind, name: string): Promise<unknown> {
  return client.send(`${path(kind)}/${name}`, { method: "DELETE" });
}

function annotate(client: ControlPlaneClient, kind: Kind, name: string): Promise<unknown> {
  return client.send(`${path(kind)}/${name}`, {
    method: "PATCH",
    contentType: "application/merge-patch+json",
    body: { metadata: { annotations: { changed: String(performance.now()) } } },
  });
}

function path(kind: Kind): string {
  return `/api/v1/namespaces/${loadNamespace}/${kind}`;
}
