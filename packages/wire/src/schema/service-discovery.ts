// core/v1 pods and endpoints as service discovery reads them: other fields than the metric families', so that neither decodes for the other.
import { bool, int32, list, message, one, optional, string, type Message } from "../schema.ts";
import { objectReference, type ObjectReference } from "./object-reference.ts";
import { objectMeta, type ObjectMeta } from "./object-meta.ts";
import { endpointPort, type EndpointPort } from "./service.ts";

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: string;
}

const containerPort: Message<ContainerPort> = message<ContainerPort>("ContainerPort", {
  name: string(1),
  containerPort: int32(3),
  protocol: string(4),
});

export interface DiscoveryContainer {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly ContainerPort[];
}

const discoveryContainer: Message<DiscoveryContainer> = message<DiscoveryContainer>("Container", {
  name: string(1),
  image: string(2),
  ports: list(6, containerPort),
});

interface DiscoveryPodSpec {
  readonly containers: readonly DiscoveryContainer[];
  readonly nodeName: string;
  readonly hostNetwork: boolean;
  readonly initContainers: readonly DiscoveryContainer[];
}

const discoveryPodSpec: Message<DiscoveryPodSpec> = message<DiscoveryPodSpec>("PodSpec", {
  containers: list(2, discoveryContainer),
  nodeName: string(10),
  hostNetwork: bool(11),
  initContainers: list(20, discoveryContainer),
});

interface DiscoveryContainerStatus {
  readonly name: string;
  readonly containerID: string;
}

const discoveryContainerStatus: Message<DiscoveryContainerStatus> =
  message<DiscoveryContainerStatus>("ContainerStatus", { name: string(1), containerID: string(8) });

interface DiscoveryPodCondition {
  readonly type: string;
  readonly status: string;
}

const discoveryPodCondition: Message<DiscoveryPodCondition> = message<DiscoveryPodCondition>(
  "PodCondition",
  { type: string(1), status: string(2) },
);

interface DiscoveryPodStatus {
  readonly phase: string;
  readonly conditions: readonly DiscoveryPodCondition[];
  readonly hostIP: string;
  readonly podIP: string;
  readonly containerStatuses: readonly DiscoveryContainerStatus[];
  readonly initContainerStatuses: readonly DiscoveryContainerStatus[];
}

const discoveryPodStatus: Message<DiscoveryPodStatus> = message<DiscoveryPodStatus>("PodStatus", {
  phase: string(1),
  conditions: list(2, discoveryPodCondition),
  hostIP: string(5),
  podIP: string(6),
  containerStatuses: list(8, discoveryContainerStatus),
  initContainerStatuses: list(10, discoveryContainerStatus),
});

export interface DiscoveryPod {
  readonly metadata: ObjectMeta;
  readonly spec: DiscoveryPodSpec;
  readonly status: DiscoveryPodStatus;
}

export const discoveryPod: Message<DiscoveryPod> = message<DiscoveryPod>("Pod", {
  metadata: one(1, objectMeta),
  spec: one(2, discoveryPodSpec),
  status: one(3, discoveryPodStatus),
});

export interface DiscoveryEndpointAddress {
  readonly ip: string;
  readonly targetRef: ObjectReference | undefined;
  readonly hostname: string;
  readonly nodeName: string | undefined;
}

const discoveryEndpointAddress: Message<DiscoveryEndpointAddress> =
  message<DiscoveryEndpointAddress>("EndpointAddress", {
    ip: string(1),
    targetRef: optional(one(2, objectReference)),
    hostname: string(3),
    nodeName: optional(string(4)),
  });

interface DiscoveryEndpointSubset {
  readonly addresses: readonly DiscoveryEndpointAddress[];
  readonly notReadyAddresses: readonly DiscoveryEndpointAddress[];
  readonly ports: readonly EndpointPort[];
}

const discoveryEndpointSubset: Message<DiscoveryEndpointSubset> = message<DiscoveryEndpointSubset>(
  "EndpointSubset",
  {
    addresses: list(1, discoveryEndpointAddress),
    notReadyAddresses: list(2, discoveryEndpointAddress),
    ports: list(3, endpointPort),
  },
);

export interface DiscoveryEndpoints {
  readonly metadata: ObjectMeta;
  readonly subsets: readonly DiscoveryEndpointSubset[];
}

export const discoveryEndpoints: Message<DiscoveryEndpoints> = message<DiscoveryEndpoints>(
  "Endpoints",
  { metadata: one(1, objectMeta), subsets: list(2, discoveryEndpointSubset) },
);
