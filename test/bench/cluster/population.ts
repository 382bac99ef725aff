import {
  type FakeKubernetes,
  populate,
  startFakeKubernetes,
} from "@kube-state-mosaic/fake-kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import type { KubernetesObject } from "./etcd-key.ts";

export interface Size {
  readonly pods: number;
  readonly nodes: number;
  /** The same seed gives the same objects, UIDs included. */
  readonly seed: number;
}

// A real API server has its own of these.
const itsOwn = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** The objects of a synthetic cluster as a real one would hold them: of all resources but those that govern the API server itself. They are made one at a time. */
export async function* population(size: Size): AsyncGenerator<KubernetesObject> {
  await using fake = await startFakeKubernetes();
  populate(fake, size);
  for (const { name, group, version, kind } of Object.values(resources)) {
    if (group === "admissionregistration.k8s.io") continue;
    const apiVersion = group === "" ? version : `${group}/${version}`;
    for (const object of objectsOf(fake, name))
      if (kind !== "Namespace" || !itsOwn.has(object.metadata?.name ?? ""))
        yield { ...object, apiVersion, kind };
  }
}

function* objectsOf(fake: FakeKubernetes, resource: string): Generator<KubernetesObject> {
  for (const { namespace, name } of fake.names(resource)) {
    const { metadata, ...object } = fake.get(resource, { namespace, name }) ?? {};
    const { resourceVersion: _fake, ...rest } = metadata ?? {};
    yield { ...object, metadata: rest };
  }
}
