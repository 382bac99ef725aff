import { node, type Node, type NodeAddress, type NodeCondition } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { conditions } from "../parts/conditions.ts";
import { created, deletionTimestamp } from "../parts/metadata.ts";
import { milliPrecise } from "../quantity.ts";
import { resourceLabels, type ResourceLabels } from "../resource-name.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Node>();

const rolePrefix = "node-role.kubernetes.io/";

export const nodes: Resource<Node> = {
  name: "nodes",
  kind: "Node",
  group: "",
  version: "v1",
  path: "/api/v1/nodes",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: node,
  identity: { node: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_node_annotations", "Allow-listed annotations of the node.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_node_created", "Time the node was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_node_deletion_timestamp", "Time deletion was asked for, in Unix seconds.", {
      ...deletionTimestamp,
    }),
    info("kube_node_info", "Versions and identity of the node.", {
      stability: "STABLE",
      labels: {
        kernel_version: ({ status }) => status.nodeInfo.kernelVersion,
        os_image: ({ status }) => status.nodeInfo.osImage,
        container_runtime_version: ({ status }) => status.nodeInfo.containerRuntimeVersion,
        kubelet_version: ({ status }) => status.nodeInfo.kubeletVersion,
        kubeproxy_version: () => "deprecated",
        provider_id: ({ spec }) => spec.providerID,
        pod_cidr: ({ spec }) => spec.podCIDR,
        system_uuid: ({ status }) => status.nodeInfo.systemUUID,
        internal_ip: ({ status }) => status.addresses.findLast(isInternal)?.address,
      },
    }),
    gauge("kube_node_labels", "Allow-listed labels of the node.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_node_role", "Roles of the node, one series each.", {
      rows: rolesOf,
      labels: { role: (role) => role },
    }),
    gauge("kube_node_spec_pod_cidrs", "Address ranges the node gives to pods.", {
      rows: ({ spec }) => spec.podCIDRs,
      labels: { pod_cidr: (range) => range },
    }),
    gauge("kube_node_spec_taint", "Taints of the node.", {
      stability: "STABLE",
      rows: ({ spec }) => spec.taints,
      labels: {
        key: ({ key }) => key,
        value: ({ value }) => value,
        effect: ({ effect }) => effect,
      },
    }),
    gauge("kube_node_spec_unschedulable", "Whether the node is cordoned.", {
      stability: "STABLE",
      value: ({ spec }) => spec.unschedulable,
    }),
    gauge("kube_node_status_allocatable", "Resources of the node that pods can use.", {
      stability: "STABLE",
      rows: ({ status }) => amountsOf(status.allocatable),
      labels: { resource: ({ resource }) => resource, unit: ({ unit }) => unit },
      value: ({ amount }) => amount,
    }),
    gauge("kube_node_status_capacity", "Resources the node has.", {
      stability: "STABLE",
      rows: ({ status }) => amountsOf(status.capacity),
      labels: { resource: ({ resource }) => resource, unit: ({ unit }) => unit },
      value: ({ amount }) => amount,
    }),
    gauge("kube_node_status_condition", "Conditions of the node.", {
      stability: "STABLE",
      ...conditions<Node, NodeCondition>(({ status }) => status.conditions),
    }),
    gauge("kube_node_status_addresses", "Addresses of the node.", {
      rows: ({ status }) => status.addresses,
      labels: { type: ({ type }) => type, address: ({ address }) => address },
    }),
  ],
};

interface Amount {
  readonly resource: string;
  readonly unit: string;
  readonly amount: number | undefined;
}

const podCount: readonly ResourceLabels[] = [{ resource: "pods", unit: "integer" }];

/** Unlike those of containers, a node's bytes and counts keep milli precision, and `pods` is one of its resources. */
function amountsOf(quantities: ReadonlyMap<string, string>): readonly Amount[] {
  const amounts: Amount[] = [];
  for (const [name, quantity] of quantities) {
    const amount = milliPrecise(quantity);
    for (const { resource, unit } of name === "pods" ? podCount : resourceLabels(name))
      amounts.push({ resource, unit, amount });
  }
  return amounts;
}

function rolesOf({ metadata }: Node): readonly string[] {
  const roles: string[] = [];
  for (const key of metadata.labels.keys())
    if (key.startsWith(rolePrefix)) roles.push(key.slice(rolePrefix.length));
  return roles;
}

function isInternal({ type }: NodeAddress): boolean {
  return type === "InternalIP";
}
