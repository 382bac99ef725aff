import type { KubernetesObject } from "../kubernetes-object.ts";
import type { Random } from "../random.ts";
import { nodeAddress } from "./pod.ts";
import { time } from "./workload.ts";

/** The seconds since 1970 at which synthetic clusters were made. */
export const clusterBirth = 1_767_225_600;

export function nodeName(number: number): string {
  return `node-${String(number).padStart(4, "0")}`;
}

/** A healthy worker node; `conditions` and `taints` change when it flaps. */
export function makeNode(number: number, ready: boolean): KubernetesObject {
  const name = nodeName(number);
  const condition = (type: string, holds: boolean): unknown => ({
    type,
    status: holds ? "True" : "False",
    reason: "KubeletReports",
    message: "",
    lastHeartbeatTime: time(clusterBirth + 600),
    lastTransitionTime: time(clusterBirth),
  });
  const capacity = { cpu: "16", memory: "65536Mi", pods: "110", "ephemeral-storage": "200Gi" };
  return {
    metadata: {
      name,
      creationTimestamp: time(clusterBirth),
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node-role.kubernetes.io/worker": "",
        "topology.kubernetes.io/region": "north-1",
        "topology.kubernetes.io/zone": `north-1${"abc"[number % 3] ?? "a"}`,
      },
    },
    spec: {
      podCIDR: `10.${64 + (number >>> 8)}.${number % 256}.0/24`,
      podCIDRs: [`10.${64 + (number >>> 8)}.${number % 256}.0/24`],
      providerID: `example:///north-1/${name}`,
      ...(ready
        ? {}
        : { taints: [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute" }] }),
    },
    status: {
      capacity,
      allocatable: { ...capacity, cpu: "15800m", memory: "63488Mi" },
      conditions: [
        condition("MemoryPressure", false),
        condition("DiskPressure", false),
        condition("PIDPressure", false),
        condition("Ready", ready),
      ],
      addresses: [
        { type: "InternalIP", address: nodeAddress(number) },
        { type: "Hostname", address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: name,
        systemUUID: name,
        bootID: name,
        kernelVersion: "6.12.0",
        osImage: "Example Linux 12",
        containerRuntimeVersion: "containerd://2.1.0",
        kubeletVersion: "v1.36.3",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  };
}

/** The lease a kubelet renews. */
export function makeNodeLease(number: number, random: Random): KubernetesObject {
  const seconds = clusterBirth + random.below(600);
  return {
    metadata: {
      name: nodeName(number),
      namespace: "kube-node-lease",
      creationTimestamp: time(clusterBirth),
      ownerReferences: [
        { apiVersion: "v1", kind: "Node", name: nodeName(number), uid: random.uuid() },
      ],
    },
    spec: {
      holderIdentity: nodeName(number),
      leaseDurationSeconds: 40,
      renewTime: time(seconds).replace("Z", ".000000Z"),
    },
  };
}
