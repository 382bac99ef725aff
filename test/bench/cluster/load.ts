import { randomUUID } from "node:crypto";
import { type ControlPlaneClient, until } from "@kube-state-mosaic/control-plane";
import { type KubernetesObject, etcdKey } from "./etcd-key.ts";
import { type Size, population } from "./population/population.ts";

// etcd writes one transaction while it reads the next.
const lanes = 4;

/** Stores objects past the API server, which serves them all the same: some 6,000 a second, where creating them and their statuses through it makes 400. Returns how many. */
export async function loadObjects(
  controlPlane: ControlPlaneClient,
  objects: Iterable<KubernetesObject>,
): Promise<number> {
  // One source for all lanes: each takes what comes next.
  const source = objects[Symbol.iterator]();
  let count = 0;
  const rest: IterableIterator<{ key: string; object: KubernetesObject }> = {
    next: () => {
      const { value, done } = source.next();
      if (done) return { value: undefined, done: true };
      count += 1;
      const object = value as KubernetesObject;
      return { value: { key: etcdKey(object), object } };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
  await Promise.all(Array.from({ length: lanes }, () => controlPlane.etcdPutAll(rest)));
  return count;
}

/** 2,000 pods on 50 nodes, and what belongs to them. */
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
