/** Flags of discover alone. */
export const discoveryFlags = {
  discoveryConfig: {
    name: "discovery-config",
    type: "path",
    own: true,
    help: "What to discover: a prometheus.yml, or a file with jobs of the same keys; changes are taken up while running, at once on SIGHUP.",
  },
  role: {
    name: "role",
    type: "set",
    own: true,
    help: "Discover these roles (node, service, pod, endpoints, endpointslice, ingress) without a configuration file, a job for each.",
  },
  relabel: {
    name: "relabel",
    type: "bool",
    own: true,
    help: "Give out targets after the jobs' relabel_configs; without it Prometheus is left to do the relabeling.",
  },
  fileSdDirectory: {
    name: "file-sd-directory",
    type: "string",
    own: true,
    help: "Directory that gets a file for each job, for file_sd_configs; empty means none.",
  },
  once: {
    name: "once",
    type: "bool",
    configKey: false,
    own: true,
    help: "Print the target groups of all jobs and exit; 1 is the exit code when a job could not be completed.",
  },
  onceTimeout: {
    name: "once-timeout",
    type: "duration",
    default: "30s",
    configKey: false,
    own: true,
    help: "How long --once waits for all jobs.",
  },
  output: {
    name: "output",
    type: "choice",
    values: ["groups", "targets"],
    default: "groups",
    configKey: false,
    own: true,
    help: "What --once prints of each job: its target groups as discovered, or its targets as http_sd gives them out.",
  },
} as const;
