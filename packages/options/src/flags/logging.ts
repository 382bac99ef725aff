/** Logging flags that have an effect. */
export const loggingFlags = {
  loggingFormat: {
    name: "logging-format",
    type: "choice",
    values: ["text", "json"],
    default: "text",
    own: true,
    help: "Form of a log line.",
  },
  logLevel: {
    name: "log-level",
    type: "choice",
    values: ["debug", "info", "warn", "error"],
    default: "info",
    own: true,
    help: "Lowest level that is logged.",
  },
  verbosity: {
    name: "v",
    shorthand: "v",
    type: "int",
    default: "0",
    configKey: false,
    help: "Verbosity; above 0 it means --log-level=debug unless that flag is given.",
  },
} as const;

/** Logging flags of kube-state-metrics that are accepted and change nothing: lines always go to stderr, and only there. */
export const ignoredLoggingFlags = {
  vmodule: {
    name: "vmodule",
    type: "string",
    help: "Verbosity by source file.",
    noop: "use --log-level",
  },
  logtostderr: {
    name: "logtostderr",
    type: "bool",
    default: "true",
    help: "Log to stderr.",
    noop: "logs always go to stderr",
  },
  alsologtostderr: {
    name: "alsologtostderr",
    type: "bool",
    help: "Log to stderr besides files.",
    noop: "logs always go to stderr",
  },
  alsologtostderrthreshold: {
    name: "alsologtostderrthreshold",
    type: "choice",
    values: ["INFO", "WARNING", "ERROR", "FATAL", "0", "1", "2", "3"],
    default: "0",
    help: "Lowest severity copied to stderr.",
    noop: "use --log-level",
  },
  stderrthreshold: {
    name: "stderrthreshold",
    type: "choice",
    values: ["INFO", "WARNING", "ERROR", "FATAL", "0", "1", "2", "3"],
    default: "0",
    help: "Lowest severity written to stderr.",
    noop: "use --log-level",
  },
  legacyStderrThresholdBehavior: {
    name: "legacy_stderr_threshold_behavior",
    type: "bool",
    help: "Ignore the severity threshold of stderr.",
    noop: "use --log-level",
  },
  logDir: {
    name: "log_dir",
    type: "string",
    help: "Directory of log files.",
    noop: "no log files are written",
  },
  logFile: {
    name: "log_file",
    type: "string",
    help: "Log file.",
    noop: "no log files are written",
  },
  logFileMaxSize: {
    name: "log_file_max_size",
    type: "uint64",
    default: "1800",
    help: "Size limit of a log file in megabytes.",
    noop: "no log files are written",
  },
  logBacktraceAt: {
    name: "log_backtrace_at",
    type: "string",
    default: ":0",
    help: "Position whose message gets a stack trace.",
    noop: "messages carry no source position",
  },
  addDirHeader: {
    name: "add_dir_header",
    type: "bool",
    help: "Add the source directory to a line.",
    noop: "messages carry no source position",
  },
  skipHeaders: {
    name: "skip_headers",
    type: "bool",
    help: "Leave out the head of a line.",
    noop: "the form of a line is set by --logging-format",
  },
  skipLogHeaders: {
    name: "skip_log_headers",
    type: "bool",
    help: "Leave out the head of log files.",
    noop: "no log files are written",
  },
  oneOutput: {
    name: "one_output",
    type: "bool",
    help: "Write a line only to the file of its severity.",
    noop: "no log files are written",
  },
} as const;
