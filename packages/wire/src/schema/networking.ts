// networking.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  anything,
  embedded,
  int32,
  list,
  message,
  one,
  optional,
  string,
  strings,
  type Message,
  type Anything,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";
import { type TypedLocalObjectReference, typedLocalObjectReference } from "./object-reference.ts";

interface IngressClassSpec {
  readonly controller: string;
}

const ingressClassSpec: Message<IngressClassSpec> = message<IngressClassSpec>("IngressClassSpec", {
  controller: string(1),
});

export interface IngressClass {
  readonly metadata: ObjectMeta;
  readonly spec: IngressClassSpec;
}

export const ingressClass: Message<IngressClass> = message<IngressClass>("IngressClass", {
  metadata: one(1, objectMeta),
  spec: one(2, ingressClassSpec),
});

export interface IngressTLS {
  readonly hosts: readonly string[];
  readonly secretName: string;
}

const ingressTLS: Message<IngressTLS> = message<IngressTLS>("IngressTLS", {
  hosts: strings(1),
  secretName: string(2),
});

interface ServiceBackendPort {
  readonly number: number;
}

const serviceBackendPort: Message<ServiceBackendPort> = message<ServiceBackendPort>(
  "ServiceBackendPort",
  {
    number: int32(2),
  },
);

interface IngressServiceBackend {
  readonly name: string;
  readonly port: ServiceBackendPort;
}

const ingressServiceBackend: Message<IngressServiceBackend> = message<IngressServiceBackend>(
  "IngressServiceBackend",
  {
    name: string(1),
    port: one(2, serviceBackendPort),
  },
);

interface IngressBackend {
  readonly resource: TypedLocalObjectReference | undefined;
  readonly service: IngressServiceBackend | undefined;
}

const ingressBackend: Message<IngressBackend> = message<IngressBackend>("IngressBackend", {
  resource: optional(one(3, typedLocalObjectReference)),
  service: optional(one(4, ingressServiceBackend)),
});

export interface HTTPIngressPath {
  readonly path: string;
  readonly backend: IngressBackend;
  readonly pathType: string | undefined;
}

const httpIngressPath: Message<HTTPIngressPath> = message<HTTPIngressPath>("HTTPIngressPath", {
  path: string(1),
  backend: one(2, ingressBackend),
  pathType: optional(string(3)),
});

interface HTTPIngressRuleValue {
  readonly paths: readonly HTTPIngressPath[];
}

const httpIngressRuleValue: Message<HTTPIngressRuleValue> = message<HTTPIngressRuleValue>(
  "HTTPIngressRuleValue",
  {
    paths: list(1, httpIngressPath),
  },
);

interface IngressRuleValue {
  readonly http: HTTPIngressRuleValue | undefined;
}

const ingressRuleValue: Message<IngressRuleValue> = message<IngressRuleValue>("IngressRuleValue", {
  http: optional(one(1, httpIngressRuleValue)),
});

export interface IngressRule extends IngressRuleValue {
  readonly host: string;
}

const ingressRule: Message<IngressRule> = message<IngressRule>("IngressRule", {
  host: string(1),
  ...embedded(2, ingressRuleValue),
});

interface IngressSpec {
  readonly tls: readonly IngressTLS[];
  readonly rules: readonly IngressRule[];
  readonly ingressClassName: string | undefined;
}

const ingressSpec: Message<IngressSpec> = message<IngressSpec>("IngressSpec", {
  tls: list(2, ingressTLS),
  rules: list(3, ingressRule),
  ingressClassName: optional(string(4)),
});

export interface Ingress {
  readonly metadata: ObjectMeta;
  readonly spec: IngressSpec;
}

export const ingress: Message<Ingress> = message<Ingress>("Ingress", {
  metadata: one(1, objectMeta),
  spec: one(2, ingressSpec),
});

interface NetworkPolicySpec {
  readonly ingress: readonly Anything[];
  readonly egress: readonly Anything[];
}

const networkPolicySpec: Message<NetworkPolicySpec> = message<NetworkPolicySpec>(
  "NetworkPolicySpec",
  {
    ingress: list(2, anything),
    egress: list(3, anything),
  },
);

export interface NetworkPolicy {
  readonly metadata: ObjectMeta;
  readonly spec: NetworkPolicySpec;
}

export const networkPolicy: Message<NetworkPolicy> = message<NetworkPolicy>("NetworkPolicy", {
  metadata: one(1, objectMeta),
  spec: one(2, networkPolicySpec),
});
