// core/v1: nodes. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  bool,
  int32,
  list,
  message,
  one,
  quantities,
  string,
  strings,
  type Message,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

const taint: Message<Taint> = message<Taint>("Taint", {
  key: string(1),
  value: string(2),
  effect: string(3),
});

interface NodeSpec {
  readonly podCIDR: string;
  readonly providerID: string;
  readonly unschedulable: boolean;
  readonly taints: readonly Taint[];
  readonly podCIDRs: readonly string[];
}

const nodeSpec: Message<NodeSpec> = message<NodeSpec>("NodeSpec", {
  podCIDR: string(1),
  providerID: string(3),
  unschedulable: bool(4),
  taints: list(5, taint),
  podCIDRs: strings(7),
});

export interface NodeCondition {
  readonly type: string;
  readonly status: string;
}

const nodeCondition: Message<NodeCondition> = message<NodeCondition>("NodeCondition", {
  type: string(1),
  status: string(2),
});

export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

const nodeAddress: Message<NodeAddress> = message<NodeAddress>("NodeAddress", {
  type: string(1),
  address: string(2),
});

interface DaemonEndpoint {
  readonly Port: number;
}

const daemonEndpoint: Message<DaemonEndpoint> = message<DaemonEndpoint>("DaemonEndpoint", {
  Port: int32(1),
});

interface NodeDaemonEndpoints {
  readonly kubeletEndpoint: DaemonEndpoint;
}

const nodeDaemonEndpoints: Message<NodeDaemonEndpoints> = message<NodeDaemonEndpoints>(
  "NodeDaemonEndpoints",
  {
    kubeletEndpoint: one(1, daemonEndpoint),
  },
);

interface NodeSystemInfo {
  readonly systemUUID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
}

const nodeSystemInfo: Message<NodeSystemInfo> = message<NodeSystemInfo>("NodeSystemInfo", {
  systemUUID: string(2),
  kernelVersion: string(4),
  osImage: string(5),
  containerRuntimeVersion: string(6),
  kubeletVersion: string(7),
});

interface NodeStatus {
  readonly capacity: ReadonlyMap<string, string>;
  readonly allocatable: ReadonlyMap<string, string>;
  readonly conditions: readonly NodeCondition[];
  readonly addresses: readonly NodeAddress[];
  readonly daemonEndpoints: NodeDaemonEndpoints;
  readonly nodeInfo: NodeSystemInfo;
}

const nodeStatus: Message<NodeStatus> = message<NodeStatus>("NodeStatus", {
  capacity: quantities(1),
  allocatable: quantities(2),
  conditions: list(4, nodeCondition),
  addresses: list(5, nodeAddress),
  daemonEndpoints: one(6, nodeDaemonEndpoints),
  nodeInfo: one(7, nodeSystemInfo),
});

export interface Node {
  readonly metadata: ObjectMeta;
  readonly spec: NodeSpec;
  readonly status: NodeStatus;
}

export const node: Message<Node> = message<Node>("Node", {
  metadata: one(1, objectMeta),
  spec: one(2, nodeSpec),
  status: one(3, nodeStatus),
});
