// discovery.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  bool,
  int32,
  list,
  map,
  message,
  one,
  optional,
  string,
  strings,
  type Message,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";
import { type ObjectReference, objectReference } from "./object-reference.ts";

interface EndpointConditions {
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
}

const endpointConditions: Message<EndpointConditions> = message<EndpointConditions>(
  "EndpointConditions",
  {
    ready: optional(bool(1)),
    serving: optional(bool(2)),
    terminating: optional(bool(3)),
  },
);

export interface ForZone {
  readonly name: string;
}

const forZone: Message<ForZone> = message<ForZone>("ForZone", {
  name: string(1),
});

interface EndpointHints {
  readonly forZones: readonly ForZone[];
}

const endpointHints: Message<EndpointHints> = message<EndpointHints>("EndpointHints", {
  forZones: list(1, forZone),
});

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions: EndpointConditions;
  readonly hostname: string | undefined;
  readonly targetRef: ObjectReference | undefined;
  readonly deprecatedTopology: ReadonlyMap<string, string>;
  readonly nodeName: string | undefined;
  readonly zone: string | undefined;
  readonly hints: EndpointHints | undefined;
}

const endpoint: Message<Endpoint> = message<Endpoint>("Endpoint", {
  addresses: strings(1),
  conditions: one(2, endpointConditions),
  hostname: optional(string(3)),
  targetRef: optional(one(4, objectReference)),
  deprecatedTopology: map(5),
  nodeName: optional(string(6)),
  zone: optional(string(7)),
  hints: optional(one(8, endpointHints)),
});

export interface EndpointSlicePort {
  readonly name: string | undefined;
  readonly protocol: string | undefined;
  readonly port: number | undefined;
  readonly appProtocol: string | undefined;
}

const endpointSlicePort: Message<EndpointSlicePort> = message<EndpointSlicePort>(
  "EndpointSlicePort",
  {
    name: optional(string(1)),
    protocol: optional(string(2)),
    port: optional(int32(3)),
    appProtocol: optional(string(4)),
  },
);

export interface EndpointSlice {
  readonly metadata: ObjectMeta;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly EndpointSlicePort[];
  readonly addressType: string;
}

export const endpointSlice: Message<EndpointSlice> = message<EndpointSlice>("EndpointSlice", {
  metadata: one(1, objectMeta),
  endpoints: list(2, endpoint),
  ports: list(3, endpointSlicePort),
  addressType: string(4),
});
