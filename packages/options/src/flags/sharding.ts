/** Which part of the objects this worker keeps. */
export const shardingFlags = {
  shard: {
    name: "shard",
    type: "int32",
    default: "0",
    commands: ["worker", "render"],
    help: "Number of this shard, counted from 0; ignored with --pod and --pod-namespace.",
  },
  totalShards: {
    name: "total-shards",
    type: "int",
    default: "1",
    commands: ["worker", "render"],
    help: "Number of all shards; shard 0 of 1 keeps everything.",
  },
  pod: {
    name: "pod",
    type: "string",
    help: "Name of this pod; together with --pod-namespace it turns automatic sharding on.",
  },
  podNamespace: {
    name: "pod-namespace",
    type: "string",
    configKey: "namespace",
    commands: ["worker", "coordinator", "owner"],
    help: "Namespace of the pod named by --pod; for coordinator and owner, that of the workers' StatefulSet.",
  },
  registry: {
    name: "registry",
    type: "string",
    default: "lease",
    commands: ["worker", "coordinator"],
    own: true,
    help: "Where workers share members and layouts: lease (Leases of their namespace), or redis://, rediss:// or redis-sentinel://host:port/master.",
  },
  advertiseAddress: {
    name: "advertise-address",
    type: "string",
    own: true,
    help: "Address under which other pods reach this one; empty means POD_IP of the environment, else the first address of the host.",
  },
  startupTimeout: {
    name: "startup-timeout",
    type: "duration",
    default: "1m0s",
    own: true,
    help: "How long the API server may be unreachable at start before the process gives up.",
  },
  census: {
    name: "census",
    type: "duration",
    default: "0s",
    own: true,
    help: "How often a coordinator's proof is checked against a list of the metadata of all objects, such as 1h; 0s means never, and counts only. Each resource is listed by one shard.",
  },
  hotMemory: {
    name: "hot-memory",
    type: "bytes",
    default: "0",
    own: true,
    help: "Memory for text of families that change often, such as 64Mi; 0 leaves the size to the worker.",
  },
} as const;
