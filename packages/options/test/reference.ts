// What a command line of kube-state-metrics v2.20 may hold: every flag with its type, default and key in the config file, the lists
// it takes and what they mean. One value for each flag shows that it arrives: the text of flag and environment, its YAML, what it becomes.

import type { Options } from "../src/index.ts";
import type { TypeName } from "../src/flags/row.ts";

export interface ReferenceFlag {
  readonly name: string;
  readonly type: TypeName;
  readonly default: string;
  readonly key: string;
  readonly option: keyof Options;
  readonly text: string;
  readonly yaml: string;
  readonly value: unknown;
  /** Flags that this one needs beside it. */
  readonly beside?: readonly string[];
}

const text = {
  type: "string",
  default: "",
  text: "some-text",
  yaml: "some-text",
  value: "some-text",
} as const;
const path = {
  type: "path",
  default: "",
  text: "/etc/x.yaml",
  yaml: "/etc/x.yaml",
  value: "/etc/x.yaml",
} as const;
const off = { type: "bool", default: "false", text: "true", yaml: "true", value: true } as const;
const duration = { type: "duration", text: "1m30s", yaml: "90s", value: 90_000 } as const;
const set = {
  type: "set",
  default: "",
  text: "nodes, pods",
  yaml: "{pods: {}, nodes: {}}",
  value: ["nodes", "pods"],
} as const;
const namespaces = {
  type: "list",
  default: "",
  text: "b,a",
  yaml: "[b, a]",
  value: ["b", "a"],
} as const;
const allowMap = {
  type: "allowMap",
  default: "",
  text: "pods=[app,team]",
  yaml: "{pods: [app, team]}",
  value: { pods: ["app", "team"] },
} as const;

export const referenceFlags: readonly ReferenceFlag[] = [
  { name: "apiserver", key: "apiserver", option: "apiserver", ...text },
  { name: "kubeconfig", key: "kubeconfig", option: "kubeconfig", ...path },
  { name: "use-apiserver-cache", key: "use_api_server_cache", option: "useApiserverCache", ...off },
  {
    name: "object-limit",
    key: "object_limit",
    option: "objectLimit",
    type: "int64",
    default: "0",
    text: "500",
    yaml: "500",
    value: 500,
  },
  { name: "resources", key: "resources", option: "resources", ...set },
  { name: "namespaces", key: "namespaces", option: "namespaces", ...namespaces },
  {
    name: "namespaces-denylist",
    key: "namespaces_denylist",
    option: "namespacesDenylist",
    ...namespaces,
  },
  { name: "node", key: "node", option: "node", ...text },
  {
    name: "track-unscheduled-pods",
    key: "track_unscheduled_pods",
    option: "trackUnscheduledPods",
    ...off,
  },
  { name: "metric-allowlist", key: "metric_allowlist", option: "metricAllowlist", ...set },
  { name: "metric-denylist", key: "metric_denylist", option: "metricDenylist", ...set },
  { name: "metric-opt-in-list", key: "metric_opt_in_list", option: "metricOptInList", ...set },
  {
    name: "metric-labels-allowlist",
    key: "labels_allow_list",
    option: "metricLabelsAllowlist",
    ...allowMap,
  },
  {
    name: "metric-annotations-allowlist",
    key: "annotations_allow_list",
    option: "metricAnnotationsAllowlist",
    ...allowMap,
  },
  {
    name: "custom-resource-state-only",
    key: "custom_resources_only",
    option: "customResourceStateOnly",
    ...off,
  },
  {
    name: "custom-resource-state-config",
    key: "custom_resource_config",
    option: "customResourceStateConfig",
    ...text,
  },
  {
    name: "custom-resource-state-config-file",
    key: "custom_resource_state_config_file",
    option: "customResourceStateConfigFile",
    ...path,
  },
  {
    name: "continue-without-custom-resource-state-config-file",
    key: "continue_without_custom_resource_state_config_file",
    option: "continueWithoutCustomResourceStateConfigFile",
    ...off,
  },
  {
    name: "shard",
    key: "shard",
    option: "shard",
    type: "int32",
    default: "0",
    text: "2",
    yaml: "2",
    value: 2,
    beside: ["--total-shards=3"],
  },
  {
    name: "total-shards",
    key: "total_shards",
    option: "totalShards",
    type: "int",
    default: "1",
    text: "3",
    yaml: "3",
    value: 3,
  },
  { name: "pod", key: "pod", option: "pod", ...text },
  { name: "pod-namespace", key: "namespace", option: "podNamespace", ...text },
  { name: "host", key: "host", option: "host", ...text, default: "::" },
  {
    name: "port",
    key: "port",
    option: "port",
    type: "int",
    default: "8080",
    text: "0x1fff",
    yaml: "8191",
    value: 8191,
  },
  {
    name: "telemetry-host",
    key: "telemetry_host",
    option: "telemetryHost",
    ...text,
    default: "::",
  },
  {
    name: "telemetry-port",
    key: "telemetry_port",
    option: "telemetryPort",
    type: "int",
    default: "8081",
    text: "9091",
    yaml: "9091",
    value: 9091,
  },
  {
    name: "enable-gzip-encoding",
    key: "enable_gzip_encoding",
    option: "enableGzipEncoding",
    ...off,
    // "false" there: docs/differences.md.
    default: "true",
    text: "false",
    yaml: "false",
    value: false,
  },
  { name: "tls-config", key: "tls_config", option: "tlsConfig", ...path },
  { name: "auth-filter", key: "auth_filter", option: "authFilter", ...off },
  {
    name: "server-read-timeout",
    key: "server_read_timeout",
    option: "serverReadTimeout",
    ...duration,
    default: "1m0s",
  },
  {
    name: "server-write-timeout",
    key: "server_write_timeout",
    option: "serverWriteTimeout",
    ...duration,
    default: "1m0s",
  },
  {
    name: "server-idle-timeout",
    key: "server_idle_timeout",
    option: "serverIdleTimeout",
    ...duration,
    default: "5m0s",
  },
  {
    name: "server-read-header-timeout",
    key: "server_read_header_timeout",
    option: "serverReadHeaderTimeout",
    ...duration,
    default: "5s",
  },
  { name: "auto-gomemlimit", key: "auto-gomemlimit", option: "autoGomemlimit", ...off },
  {
    name: "auto-gomemlimit-ratio",
    key: "auto-gomemlimit-ratio",
    option: "autoGomemlimitRatio",
    type: "float64",
    default: "0.9",
    text: "0.5",
    yaml: "0.5",
    value: 0.5,
  },
  {
    name: "continue-without-config",
    key: "continue_without_config",
    option: "continueWithoutConfig",
    ...off,
  },
];

/** The flags of the reference's logging library, which have no key; all but `v` change nothing here. */
export const referenceLoggingFlags = [
  { name: "v", type: "int", default: "0", text: "4" },
  { name: "vmodule", type: "string", default: "", text: "server=2" },
  { name: "logtostderr", type: "bool", default: "true", text: "false" },
  { name: "alsologtostderr", type: "bool", default: "false", text: "true" },
  { name: "alsologtostderrthreshold", type: "choice", default: "0", text: "WARNING" },
  { name: "stderrthreshold", type: "choice", default: "0", text: "3" },
  { name: "legacy_stderr_threshold_behavior", type: "bool", default: "false", text: "true" },
  { name: "log_dir", type: "string", default: "", text: "/var/log" },
  { name: "log_file", type: "string", default: "", text: "/var/log/x" },
  { name: "log_file_max_size", type: "uint64", default: "1800", text: "18446744073709551615" },
  { name: "log_backtrace_at", type: "string", default: ":0", text: "server.go:12" },
  { name: "add_dir_header", type: "bool", default: "false", text: "true" },
  { name: "skip_headers", type: "bool", default: "false", text: "true" },
  { name: "skip_log_headers", type: "bool", default: "false", text: "true" },
  { name: "one_output", type: "bool", default: "false", text: "true" },
] as const;

export const setVectors = [
  { in: "", out: [] },
  {
    in: "configmaps,cronjobs,daemonsets,deployments",
    out: ["configmaps", "cronjobs", "daemonsets", "deployments"],
  },
  {
    in: "kube_cronjob_info, kube_cronjob_labels, kube_daemonset_labels",
    out: ["kube_cronjob_info", "kube_cronjob_labels", "kube_daemonset_labels"],
  },
  {
    in: "\n^kube_.+_annotations$,\n   ^kube_secret_labels$\n",
    out: ["^kube_.+_annotations$", "^kube_secret_labels$"],
  },
  { in: "b,,a,b", out: ["a", "b"] },
] as const;

export const namespaceVectors = [
  { in: "", out: [] },
  { in: "default, kube-system", out: ["default", "kube-system"] },
  { in: "b,a,,b", out: ["b", "a", "b"] },
] as const;

export const allowMapVectors = [
  { in: "", out: {} },
  { in: "cronjobs=[somelabel.io,label2/blah]", out: { cronjobs: ["somelabel.io", "label2/blah"] } },
  {
    in: "pods=[podsone,pods-two],nodes=[nodesone,nodestwo],namespaces=[nsone,nstwo]",
    out: {
      pods: ["podsone", "pods-two"],
      nodes: ["nodesone", "nodestwo"],
      namespaces: ["nsone", "nstwo"],
    },
  },
  {
    in: "cronjobs=[somelabel,label2],pods=[]",
    out: { cronjobs: ["somelabel", "label2"], pods: [] },
  },
  {
    in: "cronjobs=[*],pods=[*,foo],namespaces=[bar,*]",
    out: { cronjobs: ["*"], pods: ["*", "foo"], namespaces: ["bar", "*"] },
  },
  { in: "*=[*]", out: { "*": ["*"] } },
  { in: "*=[somelabel/*]", out: { "*": ["somelabel/*"] } },
  { in: "pods", out: {} },
  { in: "pods=[a", out: { pods: [] } },
  { in: "pods=[a,b", out: { pods: ["a"] } },
  { in: "pods=[a],pods=[b]", out: { pods: ["b"] } },
  { in: " pods=[ a , b ]", out: { pods: ["a", "b"] } },
  { in: "pods=[ä],nodes=[ö]", out: { pods: ["ä"], nodes: ["ö"] } },
] as const;

export const badAllowMaps = [
  {
    in: "*=[somelabel/*-foo-*]",
    reason: 'wrong in the key "somelabel/*-foo-*" of *: a key may have one * only',
  },
  { in: "cronjobs=[somelabel,label2] cronjobs=[label3,label4]", character: "]", position: 27 },
  { in: "cronjobs=[somelabel,label2],cronjobs=label3,label4]", character: "=", position: 37 },
  { in: "cronjobs=[somelabel,label2]cronjobs=[label3,label4]", character: "]", position: 27 },
  { in: "cronjobs[somelabel,label2]cronjobs=[label3,label4]", character: "[", position: 9 },
  { in: "=pods=[a]", character: "=", position: 1 },
  { in: ",pods=[a]", character: ",", position: 1 },
  { in: "[a]", character: "[", position: 1 },
  { in: "pods=[a],", character: ",", position: 9 },
  { in: "pods=[a,]", character: ",", position: 8 },
  { in: "pods=[a,,b]", character: ",", position: 9 },
  { in: "pods=[a],=[b]", character: "=", position: 10 },
] as const;

export const defaultResources: readonly string[] =
  "certificatesigningrequests configmaps cronjobs daemonsets deployments endpointslices horizontalpodautoscalers ingresses jobs leases limitranges mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations namespaces networkpolicies nodes persistentvolumeclaims persistentvolumes poddisruptionbudgets pods replicasets replicationcontrollers resourcequotas secrets services statefulsets storageclasses validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations volumeattachments".split(
    " ",
  );

export const knownResources: readonly string[] = [
  ...defaultResources,
  "clusterrolebindings",
  "clusterroles",
  "endpoints",
  "ingressclasses",
  "rolebindings",
  "roles",
  "serviceaccounts",
];
