/** The process and where its settings come from. */
export const processFlags = {
  autoGomemlimit: {
    name: "auto-gomemlimit",
    type: "bool",
    configKey: "auto-gomemlimit",
    commands: ["worker", "coordinator"],
    help: "Size the JavaScript heap from the memory limit of the cgroup; nothing happens where GOMEMLIMIT is set or AUTOMEMLIMIT=off.",
  },
  autoGomemlimitRatio: {
    name: "auto-gomemlimit-ratio",
    type: "float64",
    default: "0.9",
    configKey: "auto-gomemlimit-ratio",
    commands: ["worker", "coordinator"],
    help: "Share of the memory limit that --auto-gomemlimit gives to the heap, above 0 and up to 1.",
  },
  config: {
    name: "config",
    type: "path",
    help: "YAML file with settings; they win over flags, and changes are taken up while running.",
  },
  continueWithoutConfig: {
    name: "continue-without-config",
    type: "bool",
    help: "Start although the --config file is missing or wrong, and load it once it is there.",
  },
} as const;
