import { randomUUID } from "node:crypto";
import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";
import { etcdKey, type KubernetesObject } from "../bench/cluster/etcd-key.ts";

/** How many objects of each kind there are at a time, about. */
export const size = {
  nodes: 16,
  pods: 420,
  services: 60,
  replicaSets: 24,
  jobs: 12,
  ingresses: 40,
};

/** Namespaces of the workload; the last one holds what only a current Prometheus treats as we do. */
export const namespaces = ["sd-a", "sd-b", "sd-recent"] as const;

const phases = ["Pending", "Running", "Succeeded", "Failed"];

/**
 * Objects of all kinds that discovery reads, with everything that shows in a label varied, and changes of them. The same seed
 * makes the same objects. Everything it stores carries the label `round`, by which one can see how far a reader has come.
 */
export class Workload {
  readonly #client: ControlPlaneClient;
  readonly #stored = new Map<string, KubernetesObject>();
  #state = 7;
  #round = 0;

  constructor(client: ControlPlaneClient) {
    this.#client = client;
  }

  get round(): string {
    return String(this.#round);
  }

  /** Number of objects of a kind that are stored now. */
  count(kind: string): number {
    return [...this.#stored.values()].filter((object) => object.kind === kind).length;
  }

  /** Stores a first generation of everything. */
  async create(): Promise<void> {
    await this.#store(this.#everything());
  }

  /** Changes about half of the objects, deletes some and creates others, in several small steps. */
  async churn(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      const some = this.#everything().filter(() => this.#random(10) < 3);
      const gone = some
        .filter(({ metadata }) => metadata?.namespace !== namespaces[2] && this.#random(10) < 2)
        .map(etcdKey);
      await this.#store(some.filter((object) => !gone.includes(etcdKey(object))));
      await this.#remove(gone.filter((key) => this.#stored.has(key)));
    }
  }

  /** Stores everything that is there once more, with the number of a new round: first what others depend on. */
  async settle(beforeDependents: () => Promise<void>): Promise<void> {
    this.#round += 1;
    const all = [...this.#stored.values()].map((object) => this.#marked(object));
    const dependent = /^(?:Endpoints|EndpointSlice)$/;
    await this.#store(all.filter(({ kind }) => !dependent.test(String(kind))));
    // A group of endpoints shows its pods as they were known when the endpoints changed, in Prometheus too.
    await beforeDependents();
    await this.#store(all.filter(({ kind }) => dependent.test(String(kind))));
  }

  async #store(objects: readonly KubernetesObject[]): Promise<void> {
    await inLanes(objects, (object) => this.#client.etcdPut(etcdKey(object), object));
    for (const object of objects) this.#stored.set(etcdKey(object), object);
  }

  async #remove(keys: readonly string[]): Promise<void> {
    await inLanes(keys, (key) => this.#client.etcdDelete(key));
    for (const key of keys) this.#stored.delete(key);
  }

  #everything(): KubernetesObject[] {
    const many = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, index) => make(index));
    return [
      ...namespaces.map((name) => this.#object("v1", "Namespace", { name })),
      ...many(size.nodes, (index) => this.#node(index)),
      ...many(size.replicaSets, (index) => this.#owned("apps/v1", "ReplicaSet", index)),
      ...many(size.jobs, (index) => this.#owned("batch/v1", "Job", index)),
      ...many(size.pods, (index) => this.#pod(index)),
      ...many(size.services, (index) => this.#service(index)),
      ...many(size.services, (index) => this.#endpoints(index)),
      ...many(size.services, (index) => this.#slice(index)),
      ...many(size.ingresses, (index) => this.#ingress(index)),
      ...this.#recent(),
    ];
  }

  #node(index: number): KubernetesObject {
    const types = [
      "InternalIP",
      "ExternalIP",
      "Hostname",
      "InternalDNS",
      "ExternalDNS",
      "Strange-Type",
    ];
    const addresses = types
      .slice(this.#random(3))
      .map((type, nth) => ({ type, address: `10.${nth}.0.${index}` }));
    return {
      ...this.#object("v1", "Node", { name: `sd-node-${index}` }),
      spec: this.#maybe({ providerID: `sd://zone/${index}` }),
      status: {
        addresses,
        daemonEndpoints: { kubeletEndpoint: { Port: 10_250 + this.#random(3) } },
        conditions: [
          { type: "Ready", status: this.#pick(["True", "False", "Unknown"]) },
          { type: "kernel.Deadlock", status: "False" },
        ],
      },
    };
  }

  #owned(apiVersion: string, kind: "ReplicaSet" | "Job", index: number): KubernetesObject {
    const owner = kind === "ReplicaSet" ? "Deployment" : "CronJob";
    const name = `${kind.toLowerCase()}-${index}`;
    const template = { spec: { containers: [{ name: "main", image: "main" }] } };
    return {
      ...this.#object(apiVersion, kind, {
        name,
        namespace: this.#namespaceOf(index),
        ownerReferences: this.#random(4) === 0 ? [] : [this.#reference(owner, `owner-of-${name}`)],
      }),
      spec: { selector: { matchLabels: { app: name } }, template },
    };
  }

  #pod(index: number): KubernetesObject {
    const owners = [
      this.#reference("ReplicaSet", `replicaset-${index % size.replicaSets}`),
      this.#reference("Job", `job-${index % size.jobs}`),
      this.#reference("StatefulSet", "stateful"),
    ];
    const containers = Array.from({ length: 1 + this.#random(3) }, (_, nth) =>
      this.#container(`c${nth}`, 8080 + nth),
    );
    const statuses = containers.map(({ name }) => ({
      name,
      containerID: `runtime://${index}-${name}`,
    }));
    return {
      ...this.#object("v1", "Pod", {
        name: `pod-${index}`,
        namespace: this.#namespaceOf(index),
        ownerReferences: this.#random(4) === 0 ? [] : [this.#pick(owners)],
      }),
      spec: {
        nodeName: `sd-node-${index % size.nodes}`,
        containers,
        // Prometheus 2 does not look at them behind endpoints: only pods that back none have them.
        ...(index >= 300 && { initContainers: [this.#container("init", 7000)] }),
      },
      status: {
        phase: this.#pick(phases),
        hostIP: `10.0.0.${index % size.nodes}`,
        podIP:
          index % 9 === 0 ? `fd00::${index.toString(16)}` : `10.244.${index >> 8}.${index & 255}`,
        ...(this.#random(4) > 0 && {
          conditions: [{ type: "Ready", status: this.#pick(["True", "False"]) }],
        }),
        ...(this.#random(4) > 0 && { containerStatuses: statuses }),
      },
    };
  }

  #container(name: string, port: number): { name: string; image: string; ports?: object[] } {
    const ports = [
      { containerPort: port, protocol: "TCP", name: "web" },
      { containerPort: port + 100, protocol: "UDP" },
    ].slice(0, this.#random(3));
    return {
      name,
      image: `registry.example/${name}:v${this.#random(3)}`,
      ...(ports.length > 0 && { ports }),
    };
  }

  #service(index: number): KubernetesObject {
    const type = ["ClusterIP", "LoadBalancer", "ExternalName", "NodePort"][index % 4];
    const address = `192.0.2.${index}`;
    return {
      ...this.#object("v1", "Service", {
        name: `service-${index}`,
        namespace: this.#namespaceOf(index),
      }),
      spec: {
        type,
        ...(type === "ExternalName"
          ? { externalName: `service-${index}.example` }
          : { clusterIP: index % 3 === 0 ? "None" : `10.0.0.${index}` }),
        ...(type === "LoadBalancer" && { loadBalancerIP: address }),
        ports: [
          { name: "web", port: 80, protocol: "TCP" },
          { port: 9000 + this.#random(3), protocol: "UDP" },
        ].slice(index % 5 === 0 ? 2 : 0),
      },
      status: type === "LoadBalancer" ? { loadBalancer: { ingress: [{ ip: address }] } } : {},
    };
  }

  /** Three pods of its namespace behind each, one of them not ready; and an address that no pod has. */
  #endpoints(index: number): KubernetesObject {
    const [first = 0, ...others] = this.#podsOf(index);
    const address = (pod: number): object => ({
      ip: `10.244.${pod >> 8}.${pod & 255}`,
      nodeName: `sd-node-${pod % size.nodes}`,
      targetRef: this.#target(index, pod),
    });
    return {
      ...this.#object("v1", "Endpoints", {
        name: `service-${index}`,
        namespace: this.#namespaceOf(index),
      }),
      subsets: [
        {
          addresses: [...others.map(address), { ip: "198.51.100.7", hostname: "outside" }],
          notReadyAddresses: [address(first)],
          ports: [
            { name: "web", port: 8080, protocol: "TCP" },
            { port: 9999, protocol: "SCTP" },
          ].slice(0, 1 + this.#random(2)),
        },
      ],
    };
  }

  #slice(index: number): KubernetesObject {
    const endpoint = (pod: number): object => ({
      addresses: [`10.244.${pod >> 8}.${pod & 255}`],
      conditions: this.#pick([
        {},
        { ready: true, serving: true, terminating: false },
        { ready: false, serving: true, terminating: true },
      ]),
      ...(this.#random(3) === 0 && { hostname: `host-${pod}` }),
      ...(this.#random(3) === 0 && {
        deprecatedTopology: { "topology.example/zone": "z1", plain: "" },
      }),
      zone: "zone-1",
      nodeName: `sd-node-${pod % size.nodes}`,
      targetRef: this.#target(index, pod),
    });
    const slice = this.#object("discovery.k8s.io/v1", "EndpointSlice", {
      name: `slice-${index}`,
      namespace: this.#namespaceOf(index),
    });
    const labels = {
      ...(slice.metadata?.["labels"] as object),
      "kubernetes.io/service-name": `service-${index}`,
    };
    return {
      ...slice,
      metadata: {
        ...slice.metadata,
        labels: index % 7 === 0 ? slice.metadata?.["labels"] : labels,
      },
      addressType: "IPv4",
      endpoints: this.#podsOf(index).map(endpoint),
      ports: [
        { name: "web", port: 8080, protocol: "TCP", appProtocol: "http" },
        { name: "", port: 9999, protocol: "UDP" },
      ].slice(0, 1 + this.#random(2)),
    };
  }

  #ingress(index: number): KubernetesObject {
    const backend = { service: { name: "service-1", port: { number: 80 } } };
    const paths = [
      { path: "/a", pathType: "Prefix", backend },
      { pathType: "Prefix", backend },
    ];
    return {
      ...this.#object("networking.k8s.io/v1", "Ingress", {
        name: `ingress-${index}`,
        namespace: this.#namespaceOf(index),
      }),
      spec: {
        ...(index % 2 === 0 && { ingressClassName: "nginx" }),
        ...(index % 3 === 0 && { tls: [{ hosts: ["*.example.com"] }] }),
        ...(index % 4 === 0 && { defaultBackend: backend }),
        rules: [
          { host: `a${this.#random(5)}.example.com`, http: { paths } },
          { host: "a.b.example.com" },
          ...(index % 5 === 0 ? [{ http: { paths: paths.slice(0, 1) } }] : []),
        ],
      },
    };
  }

  /** A dual-stack service with a slice for each family, a node behind endpoints, a sidecar behind a slice, and a pod without address or node. */
  #recent(): KubernetesObject[] {
    const namespace = namespaces[2];
    const named = (
      name: string,
      labels = {},
    ): { name: string; namespace: string; labels: object } => ({ name, namespace, labels });
    const slice = (family: "IPv4" | "IPv6", address: string): KubernetesObject => ({
      ...this.#object(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        named(`dual-${family.toLowerCase()}`, { "kubernetes.io/service-name": "dual" }),
      ),
      addressType: family,
      endpoints: [{ addresses: [address], targetRef: { kind: "Pod", name: "sidecar", namespace } }],
      ports: [{ name: "web", port: 8080, protocol: "TCP" }],
    });
    return [
      {
        ...this.#object("v1", "Service", named("dual")),
        spec: {
          clusterIP: "10.0.0.200",
          type: "ClusterIP",
          ipFamilyPolicy: "PreferDualStack",
          ipFamilies: ["IPv4", "IPv6"],
          ports: [{ name: "web", port: 80, protocol: "TCP" }],
        },
      },
      slice("IPv4", "10.245.0.1"),
      slice("IPv6", "fd01::1"),
      {
        ...this.#object("v1", "Pod", named("sidecar")),
        spec: {
          nodeName: "sd-node-1",
          containers: [
            { name: "main", image: "main", ports: [{ containerPort: 8080, protocol: "TCP" }] },
          ],
          initContainers: [
            {
              name: "proxy",
              image: "proxy",
              ports: [{ name: "admin", containerPort: 15_000, protocol: "TCP" }],
            },
          ],
        },
        status: { phase: "Running", podIP: "10.245.0.1" },
      },
      {
        ...this.#object("v1", "Pod", named("homeless")),
        spec: {
          nodeName: "no-such-node",
          containers: [
            { name: "main", image: "main", ports: [{ containerPort: 1, protocol: "TCP" }] },
          ],
        },
        status: { phase: "Pending" },
      },
      {
        ...this.#object("v1", "Endpoints", named("nodes")),
        subsets: [
          {
            addresses: [
              { ip: "10.0.0.1", targetRef: { kind: "Node", name: "sd-node-1" } },
              { ip: "10.245.0.9", targetRef: { kind: "Pod", name: "homeless", namespace } },
            ],
            ports: [{ name: "kubelet", port: 10_250, protocol: "TCP" }],
          },
        ],
      },
    ];
  }

  #target(index: number, pod: number): object {
    return { kind: "Pod", name: `pod-${pod}`, namespace: this.#namespaceOf(index) };
  }

  /** Pods of the same namespace as object `index`, none with an init container. */
  #podsOf(index: number): number[] {
    return [0, 1, 2].map((nth) => (index % 2) + 2 * ((index * 2 + nth) % 149));
  }

  #namespaceOf(index: number): string {
    return namespaces[index % 2] ?? "";
  }

  #object(
    apiVersion: string,
    kind: string,
    metadata: { name: string; namespace?: string; labels?: object; ownerReferences?: object[] },
  ): KubernetesObject {
    return this.#marked({
      apiVersion,
      kind,
      metadata: {
        ...metadata,
        uid: randomUUID(),
        labels: {
          sd: "yes",
          "app.kubernetes.io/name": this.#pick(["web", "db"]),
          ...metadata.labels,
        },
        annotations: this.#maybe({ "example.com/note": `note "${this.#random(100)}"`, plain: "" }),
      },
    });
  }

  #marked(object: KubernetesObject): KubernetesObject {
    const labels = { ...(object.metadata?.["labels"] as object), round: this.round };
    return { ...object, metadata: { ...object.metadata, labels } };
  }

  #reference(kind: string, name: string): object {
    return {
      apiVersion: "v1",
      kind,
      name,
      uid: "00000000-0000-4000-8000-000000000000",
      controller: true,
    };
  }

  #maybe(value: object): object {
    return this.#random(3) === 0 ? {} : value;
  }

  #pick<T>(values: readonly T[]): T {
    // Never out of bounds.
    return values[this.#random(values.length)] as T;
  }

  #random(below: number): number {
    this.#state = (this.#state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(this.#state / 65_536) % below;
  }
}

/** Several at a time, but none together with others: what one transaction writes has one version, and a watch that is cut inside it loses the rest. */
async function inLanes<T>(items: readonly T[], write: (item: T) => Promise<void>): Promise<void> {
  const source = items.values();
  const lane = async (): Promise<void> => {
    for (const item of source) await write(item);
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}
