// The programs
export { type ControlPlanePrograms, buildPrograms, cacheFolder, cachedPrograms } from "./build.ts";
export { findProgram } from "./find-program.ts";
export { type Completion, type RunOptions, complete, run } from "./run.ts";

// A running control plane
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./start.ts";
export { ControlPlaneClient, type Connection, type Entry, type Reply } from "./client.ts";
export { kubeconfig } from "./kubeconfig.ts";

// Child processes of tests
export { Daemon, type DaemonSettings, type Exit } from "./daemon.ts";
export { freePorts } from "./ports.ts";
export { until } from "./until.ts";
