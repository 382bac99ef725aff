import type { KubernetesObject } from "../kubernetes-object.ts";
import { podAddress, type PodSeed } from "./pod.ts";
import { time, type Workload } from "./workload.ts";

/** Service, endpoints and, for some, an ingress of a workload, by plural resource name. */
export function networkObjects(
  workload: Workload,
  pods: readonly PodSeed[],
  number: number,
): [string, () => KubernetesObject][] {
  const objects: [string, () => KubernetesObject][] = [
    ["services", () => service(workload, number)],
    ["endpoints", () => endpoints(workload, pods)],
    ["endpointslices", () => endpointSlice(workload, pods)],
  ];
  if (number % 5 === 0) objects.push(["ingresses", () => ingress(workload)]);
  return objects;
}

function metadata(workload: Workload): NonNullable<KubernetesObject["metadata"]> {
  return {
    name: workload.name,
    namespace: workload.namespace,
    creationTimestamp: time(workload.createdAt),
    labels: { "app.kubernetes.io/name": workload.name },
  };
}

function service(workload: Workload, number: number): KubernetesObject {
  const address = `172.16.${(number >>> 8) % 256}.${number % 256}`;
  return {
    metadata: metadata(workload),
    spec: {
      ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: "http" }],
      selector: { "app.kubernetes.io/name": workload.name },
      clusterIP: address,
      clusterIPs: [address],
      type: number % 50 === 0 ? "LoadBalancer" : "ClusterIP",
      sessionAffinity: "None",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
    },
    status: {
      loadBalancer: number % 50 === 0 ? { ingress: [{ ip: `203.0.113.${number % 256}` }] } : {},
    },
  };
}

function target(workload: Workload, pod: PodSeed): unknown {
  return { kind: "Pod", namespace: workload.namespace, name: pod.name, uid: pod.uid };
}

function endpoints(workload: Workload, pods: readonly PodSeed[]): KubernetesObject {
  return {
    metadata: metadata(workload),
    subsets: [
      {
        addresses: pods.map((pod) => ({
          ip: podAddress(pod.number),
          nodeName: pod.nodeName,
          targetRef: target(workload, pod),
        })),
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      },
    ],
  };
}

function endpointSlice(workload: Workload, pods: readonly PodSeed[]): KubernetesObject {
  return {
    metadata: {
      ...metadata(workload),
      name: `${workload.name}-${workload.templateHash.slice(0, 5)}`,
      labels: { "kubernetes.io/service-name": workload.name },
    },
    addressType: "IPv4",
    endpoints: pods.map((pod) => ({
      addresses: [podAddress(pod.number)],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: pod.nodeName,
      targetRef: target(workload, pod),
    })),
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  };
}

function ingress(workload: Workload): KubernetesObject {
  const host = `${workload.name}.apps.example`;
  return {
    metadata: metadata(workload),
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: [host], secretName: `${workload.name}-tls` }],
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: workload.name, port: { name: "http" } } },
              },
            ],
          },
        },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.1" }] } },
  };
}
