import { randomUUID } from "node:crypto";
import { type ControlPlaneClient, type Entry, until } from "@kube-state-mosaic/control-plane";
import { type KubernetesObject, etcdKey } from "./etcd-key.ts";
import { type Size, population } from "./population.ts";

// Objects held at once; a transaction takes a hundred.
const batchSize = 400;

/** Stores objects past the API server, which serves them all the same: thousands a second, where creating them and their statuses through it makes 400. Returns how many. */
export async function loadObjects(
  controlPlane: ControlPlaneClient,
  objects: Iterable<KubernetesObject> | AsyncIterable<KubernetesObject>,
): Promise<number> {
  let count = 0;
  let batch: Entry[] = [];
  // One batch is stored while the next one is made.
  let storing: Promise<void> = Promise.resolve();
  const store = async (): Promise<void> => {
    await storing;
    storing = controlPlane.etcdPutAll(batch);
    // A failure waits there for the next batch.
    storing.catch(() => undefined);
    count += batch.length;
    batch = [];
  };
  for await (const object of objects)
    if (batch.push({ key: etcdKey(object), object }) === batchSize) await store();
  await store();
  await storing;
  return count;
}

/** 2,000 pods on 50 nodes, and some of each resource. */
export const smallCluster: Size = { pods: 2_000, nodes: 50, seed: 1 };

/** Stores a made-up cluster, with the statuses that controllers and kubelets would have written; the API server has taken in all its pods. Returns how many objects it has. */
export async function loadPopulation(
  controlPlane: ControlPlaneClient,
  size: Size,
): Promise<number> {
  const count = await loadObjects(controlPlane, population(size));
  await untilPodsAreCached(controlPlane);
  return count;
}

/** The API server answers from its cache, which follows etcd in the order of writing: once it has the newest pod, it has all. */
async function untilPodsAreCached(controlPlane: ControlPlaneClient): Promise<void> {
  const name = `marker-${randomUUID()}`;
  const metadata = { name, namespace: "default", uid: randomUUID() };
  const marker = { apiVersion: "v1", kind: "Pod", metadata };
  const path = `/api/v1/namespaces/default/pods/${name}?resourceVersion=0`;
  const status = async (): Promise<number> => (await controlPlane.request(path)).status;
  await controlPlane.etcdPut(etcdKey(marker), marker);
  await until("the pods are cached", async () => (await status()) === 200, { timeoutMs: 120_000 });
  await controlPlane.etcdDelete(etcdKey(marker));
  await until("the marker is gone", async () => (await status()) === 404);
}
