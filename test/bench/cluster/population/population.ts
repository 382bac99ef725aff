import type { KubernetesObject } from "../etcd-key.ts";
import { app } from "./app.ts";
import { metadata } from "./metadata.ts";
import { node, nodeName } from "./node.ts";
import { pod } from "./pod.ts";
import { type Random, seededRandom } from "./random.ts";

export interface Size {
  readonly pods: number;
  readonly nodes: number;
  /** The same seed gives the same objects, UIDs included. */
  readonly seed: number;
}

const podsPerApp = 13;
const appsPerNamespace = 30;

/**
 * A cluster's objects as its API server would show them: nodes, namespaces, and apps of thirteen pods. 20,000 pods bring 7,500 other objects
 * besides the nodes: deployments, replicasets, services, endpointslices, configmaps, secrets, claims with their volumes, jobs.
 */
export function* population({ pods, nodes, seed }: Size): Generator<KubernetesObject> {
  const random = seededRandom(seed);
  for (let i = 0; i < nodes; i += 1) yield node(random, i);
  const apps = Math.ceil(pods / podsPerApp);
  for (let i = 0; i < Math.ceil(apps / appsPerNamespace); i += 1)
    yield {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: metadata(random, { name: namespaceName(i) }),
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    };
  for (let i = 0; i < apps; i += 1) {
    const namespace = namespaceName(Math.floor(i / appsPerNamespace));
    const replicas = Math.min(podsPerApp, pods - i * podsPerApp);
    const name = `app-${i}`;
    const one = app(random, { name, namespace, replicas, exposed: i % 3 !== 0 });
    yield* one.objects;
    if (i % 15 === 0) yield* extras(random, name, namespace);
    for (let j = 0; j < replicas; j += 1)
      yield pod(random, {
        owner: one.replicaSet,
        namespace,
        app: name,
        node: nodeName(random.below(Math.max(1, nodes))),
      });
  }
}

function namespaceName(index: number): string {
  return `space-${index}`;
}

/** A claim bound to its volume, a finished job, and an account. */
function* extras(random: Random, name: string, namespace: string): Generator<KubernetesObject> {
  const volume = `pv-${random.hex(8)}`;
  const storage = { storage: "10Gi" };
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: metadata(random, { name, namespace }),
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: storage },
      storageClassName: "fast",
      volumeName: volume,
      volumeMode: "Filesystem",
    },
    status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity: storage },
  };
  yield claim;
  yield {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: metadata(random, { name: volume }),
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: storage,
      claimRef: { kind: "PersistentVolumeClaim", namespace, name, uid: claim.metadata.uid },
      persistentVolumeReclaimPolicy: "Delete",
      storageClassName: "fast",
      csi: { driver: "csi.example.org", volumeHandle: random.hex(17) },
    },
    status: { phase: "Bound" },
  };
  const job = metadata(random, { name, namespace });
  yield {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: job,
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      template: { spec: { containers: [], restartPolicy: "Never" } },
    },
    status: {
      succeeded: 1,
      startTime: job.creationTimestamp,
      completionTime: job.creationTimestamp,
      conditions: [{ type: "Complete", status: "True" }],
    },
  };
  yield {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(random, { name, namespace }),
  };
}
