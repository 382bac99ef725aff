/** The HTTP servers. */
export const httpFlags = {
  host: {
    name: "host",
    type: "string",
    default: "::",
    commands: ["worker", "coordinator", "demo", "discover"],
    help: "Address the metrics server listens on; :: is every IPv4 and IPv6 address.",
  },
  port: {
    name: "port",
    type: "int",
    default: "8080",
    min: 0,
    max: 65_535,
    commands: ["worker", "coordinator", "demo", "discover"],
    help: "Port of the metrics server; 0 takes a free one.",
  },
  telemetryHost: {
    name: "telemetry-host",
    type: "string",
    default: "::",
    help: "Address the server of the exporter's own metrics listens on.",
  },
  telemetryPort: {
    name: "telemetry-port",
    type: "int",
    default: "8081",
    min: 0,
    max: 65_535,
    help: "Port of the server of the exporter's own metrics; 0 takes a free one.",
  },
  enableGzipEncoding: {
    name: "enable-gzip-encoding",
    type: "bool",
    commands: ["worker", "coordinator"],
    help: "Answer /metrics with gzip where the client accepts it.",
  },
  tlsConfig: {
    name: "tls-config",
    type: "path",
    help: "Web configuration file (TLS, basic auth, headers) in the format of the Prometheus exporter toolkit, for both servers.",
  },
  authFilter: {
    name: "auth-filter",
    type: "bool",
    commands: ["worker", "coordinator"],
    help: "Let the Kubernetes API authenticate and authorise requests to /metrics.",
  },
  serverReadTimeout: {
    name: "server-read-timeout",
    type: "duration",
    default: "1m0s",
    help: "Time limit for reading a whole request to the metrics server.",
  },
  serverWriteTimeout: {
    name: "server-write-timeout",
    type: "duration",
    default: "1m0s",
    help: "Time limit for writing a response of the metrics server.",
  },
  serverIdleTimeout: {
    name: "server-idle-timeout",
    type: "duration",
    default: "5m0s",
    help: "How long an idle connection to the metrics server is kept.",
  },
  serverReadHeaderTimeout: {
    name: "server-read-header-timeout",
    type: "duration",
    default: "5s",
    help: "Time limit for reading the headers of a request to the metrics server.",
  },
} as const;
