import type { FakeKubernetes } from "../fake-kubernetes.ts";
import type { KubernetesObject } from "../kubernetes-object.ts";
import { factsOf, type VersionFacts } from "../object-version.ts";
import { seededRandom, type Random } from "../random.ts";
import {
  configurationObjects,
  namespaceObjects,
  rareObjects,
  storageObjects,
} from "./cluster-objects.ts";
import { networkObjects } from "./network.ts";
import { clusterBirth, makeNode, makeNodeLease, nodeName } from "./node.ts";
import { makePod, podFacts, type PodSeed } from "./pod.ts";
import {
  makeWorkload,
  ownerOf,
  time,
  workloadObjects,
  type Workload,
  type WorkloadKind,
} from "./workload.ts";

export interface PopulationOptions {
  readonly pods: number;
  /** One for 60 pods, at least 3, by default. */
  readonly nodes?: number;
  /** One for 300 pods, at least 3, by default. */
  readonly namespaces?: number;
  readonly seed?: number;
}

type Loaded = { readonly facts: VersionFacts; readonly make: () => KubernetesObject };

/**
 * Fills an empty server with a plausible cluster: pods of all controllers on nodes, and some of each of the 39 resources.
 * The same options give the same objects with the same UIDs. Objects are kept as seeds and made when they are asked for.
 */
export function populate(server: FakeKubernetes, options: PopulationOptions): void {
  const random = seededRandom(options.seed ?? 1, "population");
  const nodes = options.nodes ?? Math.max(3, Math.ceil(options.pods / 60));
  const count = options.namespaces ?? Math.max(3, Math.ceil(options.pods / 300));
  const namespaces = Array.from({ length: count }, (_, i) => `team-${String(i).padStart(3, "0")}`);
  const loaded = new Map<string, Loaded[]>();
  const add = (resource: string, object: Loaded): void => {
    const list = loaded.get(resource);
    if (list === undefined) loaded.set(resource, [object]);
    else list.push(object);
  };
  const addAll = (objects: readonly [string, () => KubernetesObject][]): void => {
    for (const [resource, make] of objects) add(resource, identified(random, make));
  };
  addAll(namespaces.map((name) => ["namespaces", () => makeNamespace(name)]));
  addAll([...namespaces, "default", "kube-system"].flatMap(namespaceObjects));
  addAll(rareObjects());
  for (let number = 0; number < nodes; number++)
    addAll([
      ["nodes", () => makeNode(number, true)],
      ["leases", nodeLease(number, random)],
    ]);
  let pods = 0;
  for (let number = 0; pods < options.pods; number++) {
    const left = options.pods - pods;
    const kind = kindOf(number);
    const wanted = kind === "DaemonSet" ? Math.min(nodes, 200) : 1 + random.below(24);
    const workload = makeWorkload(random, {
      kind,
      namespace: namespaces[random.below(namespaces.length)] ?? "default",
      number,
      replicas: Math.min(left, wanted),
      createdAt: clusterBirth + random.below(86_400 * 30),
    });
    const seeds = podsOf(random, workload, { nodes, first: pods });
    pods += seeds.length;
    for (const seed of seeds) {
      add("pods", { facts: podFacts(workload, seed), make: () => makePod(workload, seed) });
      if (kind === "StatefulSet") addAll(storageObjects(workload, seed));
    }
    addAll(configurationObjects(workload, number));
    addAll(kind === "Job" ? [] : networkObjects(workload, seeds, number));
    for (const [resource, make] of workloadObjects(workload))
      add(resource, { facts: factsOf(make()), make });
  }
  for (const [resource, objects] of loaded) server.load(resource, objects);
}

/** Deployments mostly. */
function kindOf(number: number): WorkloadKind {
  if (number % 40 === 7) return "DaemonSet";
  if (number % 10 === 3) return "StatefulSet";
  return number % 12 === 5 ? "Job" : "Deployment";
}

function podsOf(
  random: Random,
  workload: Workload,
  place: { readonly nodes: number; readonly first: number },
): PodSeed[] {
  const owner = ownerOf(workload).name ?? workload.name;
  return Array.from({ length: workload.replicas }, (_, index) => {
    const luck = random.next();
    const phase =
      workload.kind === "Job"
        ? luck < 0.9
          ? "Succeeded"
          : "Failed"
        : luck < 0.97
          ? "Running"
          : "Pending";
    const node = workload.kind === "DaemonSet" ? index : random.below(place.nodes);
    return {
      name: workload.kind === "StatefulSet" ? `${owner}-${index}` : `${owner}-${random.suffix(5)}`,
      uid: random.uuid(),
      nodeName: phase === "Pending" && luck > 0.985 ? "" : nodeName(node),
      number: place.first + index,
      phase,
      restarts: random.next() < 0.05 ? 1 + random.below(20) : 0,
      createdAt: workload.createdAt + random.below(3600),
    };
  });
}

/** Gives an object without uid a lasting one; the object itself is made again each time. */
function identified(random: Random, make: () => KubernetesObject): Loaded {
  const uid = random.uuid();
  const made = (): KubernetesObject => {
    const object = make();
    return { ...object, metadata: { ...object.metadata, uid } };
  };
  return { facts: factsOf(made()), make: made };
}

/** Made once: its time of renewal is random. */
function nodeLease(number: number, random: Random): () => KubernetesObject {
  const lease = makeNodeLease(number, random);
  return () => lease;
}

function makeNamespace(name: string): KubernetesObject {
  return {
    metadata: {
      name,
      creationTimestamp: time(clusterBirth),
      labels: { "kubernetes.io/metadata.name": name },
    },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}
