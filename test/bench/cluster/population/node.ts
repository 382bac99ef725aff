import type { KubernetesObject } from "../etcd-key.ts";
import { metadata } from "./metadata.ts";
import type { Random } from "./random.ts";

/** A ready node. */
export function node(random: Random, index: number): KubernetesObject {
  const name = nodeName(index);
  const zone = `region-1-${"abc"[index % 3]}`;
  const meta = metadata(random, {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      "topology.kubernetes.io/zone": zone,
    },
  });
  const amounts = { cpu: "16", "ephemeral-storage": "200Gi", memory: "65843188Ki", pods: "110" };
  const heartbeat = { lastHeartbeatTime: meta.creationTimestamp };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: meta,
    spec: {
      podCIDR: `10.64.${index % 256}.0/24`,
      providerID: `example://${zone}/${name}`,
      ...(index % 25 === 0
        ? { taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }] }
        : {}),
    },
    status: {
      capacity: amounts,
      allocatable: { ...amounts, cpu: "15800m" },
      conditions: ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map((type) => ({
        type,
        status: type === "Ready" ? "True" : "False",
        lastTransitionTime: meta.creationTimestamp,
        reason: "KubeletReports",
        ...heartbeat,
      })),
      addresses: [
        { type: "InternalIP", address: `192.168.${index >> 8}.${index & 255}` },
        { type: "Hostname", address: name },
      ],
      nodeInfo: {
        machineID: random.hex(32),
        systemUUID: random.uuid(),
        bootID: random.uuid(),
        kernelVersion: "6.12.38",
        osImage: "Example Linux 12",
        containerRuntimeVersion: "containerd://2.1.4",
        kubeletVersion: "v1.36.3",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  };
}

export function nodeName(index: number): string {
  return `node-${String(index).padStart(4, "0")}`;
}
