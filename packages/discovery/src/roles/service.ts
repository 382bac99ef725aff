import type { Service, ServicePort } from "@kube-state-mosaic/wire";
import { addObjectMeta, addressLabel, namespaceLabel, prefix } from "../labels.ts";
import type { Labels, LabelSet, TargetGroup } from "../target-group.ts";
import { attachNamespace } from "./attached.ts";
import type { Surroundings } from "./surroundings.ts";

export function serviceSource(key: string): string {
  return `svc/${key}`;
}

/** One target for each port of the service, by its name in the cluster's DNS. */
export function serviceGroup(service: Service, around: Surroundings): TargetGroup {
  const { namespace, name } = service.metadata;
  const labels: Labels = new Map();
  addServiceLabels(labels, service);
  attachNamespace(labels, namespace, around);
  return {
    source: serviceSource(`${namespace}/${name}`),
    targets: service.spec.ports.map((port) => targetOf(service, port)),
    labels,
  };
}

/** What endpoints and slices take over from their service. */
export function addServiceLabels(labels: Labels, { metadata }: Service): void {
  labels.set(namespaceLabel, metadata.namespace);
  addObjectMeta(labels, "service", metadata);
}

function targetOf(service: Service, port: ServicePort): LabelSet {
  const { metadata, spec } = service;
  const target: Labels = new Map([
    [addressLabel, `${metadata.name}.${metadata.namespace}.svc:${port.port}`],
    [`${prefix}service_port_name`, port.name],
    [`${prefix}service_port_number`, String(port.port)],
    [`${prefix}service_port_protocol`, port.protocol],
    [`${prefix}service_type`, spec.type],
  ]);
  if (spec.type === "ExternalName") target.set(`${prefix}service_external_name`, spec.externalName);
  else target.set(`${prefix}service_cluster_ip`, spec.clusterIP);
  if (spec.type === "LoadBalancer")
    target.set(`${prefix}service_loadbalancer_ip`, loadBalancerIp(service));
  return target;
}

function loadBalancerIp({ spec, status }: Service): string {
  const ips = status.loadBalancer.ingress.map(({ ip }) => ip).filter((ip) => ip !== "");
  return ips.length > 0 ? ips.join(",") : spec.loadBalancerIP;
}
