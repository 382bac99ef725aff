/** Flags of the coordinator alone. */
export const coordinatorFlags = {
  workers: {
    name: "workers",
    type: "urls",
    own: true,
    help: "URLs of the workers, in shard order; empty means to find them through the registry.",
  },
  statefulset: {
    name: "statefulset",
    type: "string",
    own: true,
    default: "kube-state-mosaic",
    commands: ["coordinator", "owner"],
    help: "StatefulSet whose pods are the workers, for finding them through the registry.",
  },
  onMissingShard: {
    name: "on-missing-shard",
    type: "choice",
    values: ["auto", "fail", "stale", "omit"],
    default: "auto",
    own: true,
    help: "What a scrape does when a shard does not answer: fail, serve its last blocks (for at most 5 minutes), or leave it out; auto is fail with --workers and stale otherwise.",
  },
  noSelfSamples: {
    name: "no-self-samples",
    type: "bool",
    own: true,
    help: "Leave out the kube_state_mosaic_ families, in which an answer tells its layout and whether it is proven complete.",
  },
  workerCaFile: {
    name: "worker-ca-file",
    type: "path",
    own: true,
    help: "Certificate authorities that the workers' certificates are checked against; empty means those of the system.",
  },
  workerTokenFile: {
    name: "worker-token-file",
    type: "path",
    own: true,
    help: "File with the bearer token that workers are asked with; read again for each request.",
  },
  workerClientCert: {
    name: "worker-client-cert",
    type: "path",
    own: true,
    help: "Client certificate that workers are shown, together with --worker-client-key.",
  },
  workerClientKey: {
    name: "worker-client-key",
    type: "path",
    own: true,
    help: "Key of --worker-client-cert.",
  },
} as const;
