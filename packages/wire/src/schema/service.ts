// core/v1: services and endpoints. The numbers are those of the published generated.proto files; only what is read is declared.
import { int32, list, message, one, optional, string, strings, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

export interface ServicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

const servicePort: Message<ServicePort> = message<ServicePort>("ServicePort", {
  name: string(1),
  protocol: string(2),
  port: int32(3),
});

interface ServiceSpec {
  readonly ports: readonly ServicePort[];
  readonly clusterIP: string;
  readonly type: string;
  readonly externalIPs: readonly string[];
  readonly loadBalancerIP: string;
  readonly externalName: string;
  readonly externalTrafficPolicy: string;
  readonly ipFamilyPolicy: string | undefined;
  readonly ipFamilies: readonly string[];
}

const serviceSpec: Message<ServiceSpec> = message<ServiceSpec>("ServiceSpec", {
  ports: list(1, servicePort),
  clusterIP: string(3),
  type: string(4),
  externalIPs: strings(5),
  loadBalancerIP: string(8),
  externalName: string(10),
  externalTrafficPolicy: string(11),
  ipFamilyPolicy: optional(string(17)),
  ipFamilies: strings(19),
});

export interface LoadBalancerIngress {
  readonly ip: string;
  readonly hostname: string;
}

const loadBalancerIngress: Message<LoadBalancerIngress> = message<LoadBalancerIngress>(
  "LoadBalancerIngress",
  {
    ip: string(1),
    hostname: string(2),
  },
);

interface LoadBalancerStatus {
  readonly ingress: readonly LoadBalancerIngress[];
}

const loadBalancerStatus: Message<LoadBalancerStatus> = message<LoadBalancerStatus>(
  "LoadBalancerStatus",
  {
    ingress: list(1, loadBalancerIngress),
  },
);

interface ServiceStatus {
  readonly loadBalancer: LoadBalancerStatus;
}

const serviceStatus: Message<ServiceStatus> = message<ServiceStatus>("ServiceStatus", {
  loadBalancer: one(1, loadBalancerStatus),
});

export interface Service {
  readonly metadata: ObjectMeta;
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus;
}

export const service: Message<Service> = message<Service>("Service", {
  metadata: one(1, objectMeta),
  spec: one(2, serviceSpec),
  status: one(3, serviceStatus),
});

export interface EndpointAddress {
  readonly ip: string;
}

const endpointAddress: Message<EndpointAddress> = message<EndpointAddress>("EndpointAddress", {
  ip: string(1),
});

export interface EndpointPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

export const endpointPort: Message<EndpointPort> = message<EndpointPort>("EndpointPort", {
  name: string(1),
  port: int32(2),
  protocol: string(3),
});

export interface EndpointSubset {
  readonly addresses: readonly EndpointAddress[];
  readonly notReadyAddresses: readonly EndpointAddress[];
  readonly ports: readonly EndpointPort[];
}

const endpointSubset: Message<EndpointSubset> = message<EndpointSubset>("EndpointSubset", {
  addresses: list(1, endpointAddress),
  notReadyAddresses: list(2, endpointAddress),
  ports: list(3, endpointPort),
});

export interface Endpoints {
  readonly metadata: ObjectMeta;
  readonly subsets: readonly EndpointSubset[];
}

export const endpoints: Message<Endpoints> = message<Endpoints>("Endpoints", {
  metadata: one(1, objectMeta),
  subsets: list(2, endpointSubset),
});
