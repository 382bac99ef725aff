/** What of the cluster is exposed. */
export const exportFlags = {
  resources: {
    name: "resources",
    type: "set",
    commands: ["worker", "demo", "render"],
    help: "Resources to expose, by plural name; empty means the default ones.",
  },
  namespaces: {
    name: "namespaces",
    type: "list",
    commands: ["worker", "demo", "render"],
    help: "Namespaces whose objects are exposed; empty means all. Cluster-scoped resources are not restricted.",
  },
  namespacesDenylist: {
    name: "namespaces-denylist",
    type: "list",
    commands: ["worker", "demo", "render"],
    help: "Namespaces whose objects are left out.",
  },
  node: {
    name: "node",
    type: "string",
    help: "Expose only pods bound to this node; to be used with --resources=pods.",
  },
  trackUnscheduledPods: {
    name: "track-unscheduled-pods",
    type: "bool",
    help: "Expose only pods that no node has been chosen for; --node is then ignored.",
  },
  metricAllowlist: {
    name: "metric-allowlist",
    type: "set",
    commands: ["worker", "demo", "render"],
    help: "Expose only families whose name contains a match of one of these ECMAScript regular expressions.",
  },
  metricDenylist: {
    name: "metric-denylist",
    type: "set",
    commands: ["worker", "demo", "render"],
    help: "Leave out families whose name contains a match of one of these ECMAScript regular expressions.",
  },
  metricOptInList: {
    name: "metric-opt-in-list",
    type: "set",
    commands: ["worker", "demo", "render"],
    help: "Turn on opt-in families whose name contains a match of one of these RE2 regular expressions.",
  },
  metricLabelsAllowlist: {
    name: "metric-labels-allowlist",
    type: "allowMap",
    configKey: "labels_allow_list",
    commands: ["worker", "demo", "render"],
    help: "Kubernetes labels to expose, such as pods=[app,team/*],nodes=[*]; the resource * stands for all resources.",
  },
  metricAnnotationsAllowlist: {
    name: "metric-annotations-allowlist",
    type: "allowMap",
    configKey: "annotations_allow_list",
    commands: ["worker", "demo", "render"],
    help: "Kubernetes annotations to expose, in the same form as --metric-labels-allowlist.",
  },
} as const;
