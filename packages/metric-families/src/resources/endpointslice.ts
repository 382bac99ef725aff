import { endpointSlice, type Endpoint, type EndpointSlice } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { flagText } from "../parts/flag-text.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<EndpointSlice>();

const targetLabels = {
  ready: ({ endpoint }: Target) => flagText(endpoint.conditions.ready),
  serving: ({ endpoint }: Target) => flagText(endpoint.conditions.serving),
  hostname: ({ endpoint }: Target) => endpoint.hostname,
  terminating: ({ endpoint }: Target) => flagText(endpoint.conditions.terminating),
  targetref_kind: ({ endpoint }: Target) => endpoint.targetRef?.kind,
  targetref_name: ({ endpoint }: Target) => endpoint.targetRef?.name,
  targetref_namespace: ({ endpoint }: Target) => endpoint.targetRef?.namespace,
  endpoint_nodename: ({ endpoint }: Target) => endpoint.nodeName,
  endpoint_zone: ({ endpoint }: Target) => endpoint.zone,
  address: ({ address }: Target) => address,
};

export const endpointslices: Resource<EndpointSlice> = {
  name: "endpointslices",
  kind: "EndpointSlice",
  group: "discovery.k8s.io",
  version: "v1",
  path: "/apis/discovery.k8s.io/v1/endpointslices",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: endpointSlice,
  identity: {
    endpointslice: ({ metadata }) => metadata.name,
    namespace: ({ metadata }) => metadata.namespace,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_endpointslice_info", "Kind of addresses the slice holds.", {
      labels: { addresstype: ({ addressType }) => addressType },
    }),
    gauge("kube_endpointslice_created", "Time the slice was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_endpointslice_endpoints_hints", "Zones that should use each endpoint.", {
      rows: ({ endpoints }) => endpoints.flatMap(hintsOf),
      labels: { address: ({ address }) => address, for_zone: ({ zone }) => zone },
    }),
    gauge("kube_endpointslice_endpoints", "Addresses of each endpoint of the slice.", {
      rows: ({ endpoints }) => endpoints.flatMap(targetsOf),
      labels: targetLabels,
    }),
    gauge("kube_endpointslice_ports", "Ports of the slice.", {
      rows: ({ ports }) => ports,
      labels: {
        port_name: ({ name }) => name,
        port_protocol: ({ protocol }) => protocol,
        port_number: ({ port }) => port?.toString(),
      },
    }),
    gauge("kube_endpointslice_annotations", "Allow-listed annotations of the slice.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_endpointslice_labels", "Allow-listed labels of the slice.", {
      ...labels(labelsAllowList),
    }),
  ],
};

interface Target {
  readonly endpoint: Endpoint;
  readonly address: string;
}

function targetsOf(endpoint: Endpoint): readonly Target[] {
  return endpoint.addresses.map((address) => ({ endpoint, address }));
}

interface Hint {
  readonly address: string;
  readonly zone: string;
}

/** Hints are about the endpoint, which its first address stands for. */
function hintsOf({ addresses: [address], hints }: Endpoint): readonly Hint[] {
  if (address === undefined || hints === undefined) return [];
  return hints.forZones.map(({ name }) => ({ address, zone: name }));
}
