// The programs
export { type ControlPlanePrograms, buildPrograms, cacheFolder, cachedPrograms } from "./build.ts";
export { findProgram } from "./find-program.ts";
export { type Completion, type RunOptions, complete, run } from "./run.ts";

// A running control plane
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./start.ts";
export { ControlPlaneClient, type Connection, type Entry, type Reply } from "./client.ts";
export { kubeconfig } from "./kubeconfig.ts";

// A node for it
export { ProcessKubelet, type ProcessKubeletOptions } from "./process-kubelet.ts";
export { makeNodeNetwork } from "./process-kubelet-network.ts";
export { BackOff } from "./process-kubelet-back-off.ts";
export { watchObjects } from "./process-kubelet-watch.ts";
export type { RunningPod } from "./process-kubelet-run-pod.ts";
export type { ImageFolder } from "./process-kubelet-container.ts";

// Child processes of tests
export { Daemon, type DaemonSettings, type Exit } from "./daemon.ts";
export { freePorts } from "./ports.ts";
export { until } from "./until.ts";
