import type { KubernetesObject } from "../etcd-key.ts";
import { type Owner, metadata } from "./metadata.ts";
import type { Random } from "./random.ts";

/** A Deployment and the ReplicaSet that owns its pods. */
export interface App {
  readonly name: string;
  readonly namespace: string;
  readonly replicaSet: Owner;
  /** All objects of the app but its pods. */
  readonly objects: readonly KubernetesObject[];
}

/** `exposed` adds a Service with its EndpointSlice, a ConfigMap and a Secret. */
export function app(
  random: Random,
  fields: { name: string; namespace: string; replicas: number; exposed: boolean },
): App {
  const { name, namespace, replicas, exposed } = fields;
  const labels = { "app.kubernetes.io/name": name };
  const made = (
    kind: string,
    apiVersion: string,
    rest: { name?: string; owner?: Owner; body: object },
  ): Owner => ({
    apiVersion,
    kind,
    metadata: metadata(random, {
      name: rest.name ?? name,
      namespace,
      labels,
      ...(rest.owner === undefined ? {} : { owner: rest.owner }),
    }),
    ...rest.body,
  });
  const counts = { replicas, readyReplicas: replicas, availableReplicas: replicas };
  const spec = {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "example" }] } },
  };
  const deployment = made("Deployment", "apps/v1", {
    body: {
      spec: {
        ...spec,
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
        },
      },
      status: {
        ...counts,
        updatedReplicas: replicas,
        observedGeneration: 1,
        conditions: ["Available", "Progressing"].map((type) => ({ type, status: "True" })),
      },
    },
  });
  const replicaSet = made("ReplicaSet", "apps/v1", {
    name: `${name}-${random.hex(10)}`,
    owner: deployment,
    body: { spec, status: { ...counts, fullyLabeledReplicas: replicas, observedGeneration: 1 } },
  });
  if (!exposed) return { name, namespace, replicaSet, objects: [deployment, replicaSet] };

  const address = `10.0.${random.below(256)}.${1 + random.below(254)}`;
  const service = made("Service", "v1", {
    body: {
      spec: {
        type: "ClusterIP",
        clusterIP: address,
        clusterIPs: [address],
        selector: labels,
        ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: "http" }],
      },
      status: { loadBalancer: {} },
    },
  });
  const objects = [
    deployment,
    replicaSet,
    service,
    made("EndpointSlice", "discovery.k8s.io/v1", {
      name: `${name}-${random.hex(5)}`,
      owner: service,
      body: {
        addressType: "IPv4",
        endpoints: Array.from({ length: replicas }, (_, i) => ({
          addresses: [`10.64.${random.below(256)}.${1 + i}`],
          conditions: { ready: true, serving: true, terminating: false },
        })),
        ports: [{ name: "http", protocol: "TCP", port: 8_080 }],
      },
    }),
    made("ConfigMap", "v1", { body: { data: { "config.yaml": random.hex(400) } } }),
    made("Secret", "v1", {
      body: { type: "Opaque", data: { password: Buffer.from(random.hex(32)).toString("base64") } },
    }),
  ];
  return { name, namespace, replicaSet, objects };
}
