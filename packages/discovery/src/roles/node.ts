import type { Node } from "@kube-state-mosaic/wire";
import { addObjectMeta, addressLabel, join, metaName, prefix } from "../labels.ts";
import type { Labels, TargetGroup } from "../target-group.ts";

/** The first of these types that a node has an address of is the one to scrape. */
const addressTypes = [
  "InternalIP",
  "InternalDNS",
  "ExternalIP",
  "ExternalDNS",
  "LegacyHostIP",
  "Hostname",
];

export function nodeSource(name: string): string {
  return `node/${name}`;
}

/** One target, the kubelet. A node without a usable address has no group at all: what was sent before stays. */
export function nodeGroup(node: Node): TargetGroup | undefined {
  const { metadata, spec, status } = node;
  const byType = new Map<string, string>();
  for (const { type, address } of status.addresses)
    if (!byType.has(type)) byType.set(type, address);
  const type = addressTypes.find((candidate) => byType.has(candidate));
  const host = type === undefined ? undefined : byType.get(type);
  if (host === undefined) return undefined;

  const labels: Labels = new Map([[`${prefix}node_provider_id`, spec.providerID]]);
  for (const condition of status.conditions)
    labels.set(
      metaName("node_condition_", condition.type.toLowerCase()),
      condition.status.toLowerCase(),
    );
  addObjectMeta(labels, "node", metadata);

  const target: Labels = new Map([
    [addressLabel, join(host, status.daemonEndpoints.kubeletEndpoint.Port)],
    ["instance", metadata.name],
  ]);
  for (const [kind, address] of byType) target.set(metaName("node_address_", kind), address);
  return { source: nodeSource(metadata.name), targets: [target], labels };
}
