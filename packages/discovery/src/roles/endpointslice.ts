import type { Endpoint, EndpointSlice, EndpointSlicePort, Service } from "@kube-state-mosaic/wire";
import { addObjectMeta, addressLabel, join, metaName, namespaceLabel, prefix } from "../labels.ts";
import type { Labels, LabelSet, TargetGroup } from "../target-group.ts";
import { attachNamespace, attachNode } from "./attached.ts";
import { PodBacking } from "./pod-backing.ts";
import { addServiceLabels } from "./service.ts";
import type { Surroundings } from "./surroundings.ts";

export function endpointSliceSource(key: string): string {
  return `endpointslice/${key}`;
}

/** Key of the service that a slice says it belongs to. */
export function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels.get("kubernetes.io/service-name");
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
}

/** One target for each address and port, whatever its conditions, then the unused ports of the pods behind them. */
export function endpointSliceGroup(slice: EndpointSlice, around: Surroundings): TargetGroup {
  const { metadata, addressType } = slice;
  const labels: Labels = new Map([
    [namespaceLabel, metadata.namespace],
    [`${prefix}endpointslice_address_type`, addressType],
  ]);
  addObjectMeta(labels, "endpointslice", metadata);
  const serviceKey = serviceKeyOf(slice);
  const service = serviceKey === undefined ? undefined : around.service(serviceKey);
  if (service !== undefined) addServiceLabels(labels, service);
  attachNamespace(labels, metadata.namespace, around);
  const source = endpointSliceSource(`${metadata.namespace}/${metadata.name}`);
  const targets = isSecondary(service, addressType) ? [] : targetsOf(slice, around);
  return { source, targets, labels };
}

/** The slice of a dual-stack service's second family has the same endpoints again. */
function isSecondary(service: Service | undefined, addressType: string): boolean {
  if (service === undefined) return false;
  const { ipFamilyPolicy, ipFamilies } = service.spec;
  if (ipFamilyPolicy !== "PreferDualStack" && ipFamilyPolicy !== "RequireDualStack") return false;
  return ipFamilies[0] !== undefined && ipFamilies[0] !== addressType;
}

function targetsOf({ endpoints, ports }: EndpointSlice, around: Surroundings): LabelSet[] {
  const backing = new PodBacking(around);
  const targets: LabelSet[] = [];
  for (const endpoint of endpoints)
    for (const port of ports)
      for (const address of endpoint.addresses) {
        const target = endpointLabels(endpoint, port, address);
        const { targetRef, nodeName } = endpoint;
        const node = targetRef?.kind === "Node" ? targetRef.name : nodeName;
        if (node !== undefined) attachNode(target, node, around);
        if (targetRef !== undefined)
          backing.addTo(target, targetRef, {
            number: port.port,
            protocolOf: ({ protocol }) => protocol,
          });
        targets.push(target);
      }
  return [...targets, ...backing.extraTargets()];
}

function endpointLabels(endpoint: Endpoint, port: EndpointSlicePort, address: string): Labels {
  const { conditions, targetRef, deprecatedTopology } = endpoint;
  const target: Labels = new Map([
    [addressLabel, port.port === undefined ? address : join(address, port.port)],
  ]);
  const optional: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ["port_name", port.name],
    ["port_protocol", port.protocol],
    ["port", port.port],
    ["port_app_protocol", port.appProtocol],
    ["endpoint_conditions_ready", conditions.ready],
    ["endpoint_conditions_serving", conditions.serving],
    ["endpoint_conditions_terminating", conditions.terminating],
    ["endpoint_hostname", endpoint.hostname],
    ["address_target_kind", targetRef?.kind],
    ["address_target_name", targetRef?.name],
    ["endpoint_node_name", endpoint.nodeName],
    ["endpoint_zone", endpoint.zone],
  ];
  for (const [name, value] of optional)
    if (value !== undefined) target.set(metaName("endpointslice_", name), String(value));
  for (const [key, value] of deprecatedTopology) {
    target.set(metaName("endpointslice_endpoint_topology_", key), value);
    target.set(metaName("endpointslice_endpoint_topology_present_", key), "true");
  }
  return target;
}
