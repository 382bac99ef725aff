import {
  endpoints as schema,
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  type Endpoints,
} from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Endpoints>();

const targetLabels = {
  port_protocol: ({ port }: Target) => port.protocol,
  port_number: ({ port }: Target) => String(port.port),
  port_name: ({ port }: Target) => port.name,
  ip: ({ address }: Target) => address.ip,
  ready: ({ ready }: Target) => ready,
};

/** Another order than that of the addresses: both are kept for compatibility. */
const portLabels = {
  port_name: ({ name }: EndpointPort) => name,
  port_protocol: ({ protocol }: EndpointPort) => protocol,
  port_number: ({ port }: EndpointPort) => String(port),
};

export const endpoints: Resource<Endpoints> = {
  name: "endpoints",
  kind: "Endpoints",
  group: "",
  version: "v1",
  path: "/api/v1/endpoints",
  namespaced: true,
  enabledByDefault: false,
  reads: "full",
  schema,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    endpoint: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_endpoint_info", "Endpoints objects that exist.", {
      stability: "STABLE",
    }),
    gauge("kube_endpoint_created", "Time the endpoints were created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_endpoint_annotations", "Allow-listed annotations of the endpoints.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_endpoint_labels", "Allow-listed labels of the endpoints.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_endpoint_address", "Addresses of the endpoints, ready or not, with each port.", {
      stability: "STABLE",
      rows: ({ subsets }) => subsets.flatMap(targetsOf),
      labels: targetLabels,
    }),
    gauge("kube_endpoint_ports", "Ports of the endpoints.", {
      stability: "STABLE",
      deprecatedSince: "v2.14.0",
      rows: ({ subsets }) => subsets.flatMap(({ ports }) => ports),
      labels: portLabels,
    }),
  ],
};

interface Target {
  readonly port: EndpointPort;
  readonly address: EndpointAddress;
  readonly ready: "true" | "false";
}

/** Every port with every address, the ready ones first. */
function targetsOf({ ports, addresses, notReadyAddresses }: EndpointSubset): readonly Target[] {
  return ports.flatMap((port) => [
    ...addresses.map((address): Target => ({ port, address, ready: "true" })),
    ...notReadyAddresses.map((address): Target => ({ port, address, ready: "false" })),
  ]);
}
