/** Names that kube-state-metrics 1.x used. They still work, so that an old manifest exposes what it says, not everything. */
export const renamedFlags = {
  collectors: {
    name: "collectors",
    type: "set",
    help: "Old name of --resources.",
    renamedTo: "resources",
  },
  namespace: {
    name: "namespace",
    type: "list",
    help: "Old name of --namespaces.",
    renamedTo: "namespaces",
  },
  metricWhitelist: {
    name: "metric-whitelist",
    type: "set",
    help: "Old name of --metric-allowlist.",
    renamedTo: "metric-allowlist",
  },
  metricBlacklist: {
    name: "metric-blacklist",
    type: "set",
    help: "Old name of --metric-denylist.",
    renamedTo: "metric-denylist",
  },
  disablePodNonGenericResourceMetrics: {
    name: "disable-pod-non-generic-resource-metrics",
    type: "bool",
    help: "Leave out old families of pod resources.",
    noop: "those families no longer exist",
  },
  disableNodeNonGenericResourceMetrics: {
    name: "disable-node-non-generic-resource-metrics",
    type: "bool",
    help: "Leave out old families of node resources.",
    noop: "those families no longer exist",
  },
} as const;
