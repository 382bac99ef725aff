import type {
  DiscoveryEndpointAddress,
  DiscoveryEndpoints,
  EndpointPort,
} from "@kube-state-mosaic/wire";
import { addObjectMeta, addressLabel, join, namespaceLabel, prefix } from "../labels.ts";
import type { Labels, LabelSet, TargetGroup } from "../target-group.ts";
import { attachNamespace, attachNode } from "./attached.ts";
import { PodBacking } from "./pod-backing.ts";
import { addServiceLabels } from "./service.ts";
import type { Surroundings } from "./surroundings.ts";

export function endpointsSource(key: string): string {
  return `endpoints/${key}`;
}

/** One target for each address and port, ready or not, then the unused ports of the pods behind them. */
export function endpointsGroup(endpoints: DiscoveryEndpoints, around: Surroundings): TargetGroup {
  const { metadata, subsets } = endpoints;
  const key = `${metadata.namespace}/${metadata.name}`;
  const labels: Labels = new Map([[namespaceLabel, metadata.namespace]]);
  const service = around.service(key);
  if (service !== undefined) addServiceLabels(labels, service);
  addObjectMeta(labels, "endpoints", metadata);
  attachNamespace(labels, metadata.namespace, around);

  const backing = new PodBacking(around);
  const targets: LabelSet[] = [];
  for (const { ports, addresses, notReadyAddresses } of subsets)
    for (const port of ports) {
      const targetOf = (address: DiscoveryEndpointAddress, ready: string): void => {
        const target = endpointLabels(address, port, ready);
        const { targetRef, nodeName } = address;
        const node = nodeName ?? (targetRef?.kind === "Node" ? targetRef.name : undefined);
        if (node !== undefined) attachNode(target, node, around);
        if (targetRef !== undefined)
          backing.addTo(target, targetRef, {
            number: port.port,
            protocolOf: () => port.protocol,
          });
        targets.push(target);
      };
      for (const address of addresses) targetOf(address, "true");
      for (const address of notReadyAddresses) targetOf(address, "false");
    }
  return {
    source: endpointsSource(key),
    targets: [...targets, ...backing.extraTargets()],
    labels,
  };
}

function endpointLabels(
  address: DiscoveryEndpointAddress,
  port: EndpointPort,
  ready: string,
): Labels {
  const { ip, targetRef, nodeName, hostname } = address;
  const target: Labels = new Map([
    [addressLabel, join(ip, port.port)],
    [`${prefix}endpoint_port_name`, port.name],
    [`${prefix}endpoint_port_protocol`, port.protocol],
    [`${prefix}endpoint_ready`, ready],
  ]);
  if (targetRef !== undefined) {
    target.set(`${prefix}endpoint_address_target_kind`, targetRef.kind);
    target.set(`${prefix}endpoint_address_target_name`, targetRef.name);
  }
  if (nodeName !== undefined) target.set(`${prefix}endpoint_node_name`, nodeName);
  if (hostname !== "") target.set(`${prefix}endpoint_hostname`, hostname);
  return target;
}
