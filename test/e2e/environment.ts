import { type Connection, findProgram } from "@kube-state-mosaic/control-plane";
import { inject } from "vitest";

const programs = {
  prometheus: ["prometheus"],
  promtool: ["promtool"],
  redis: ["redis-server"],
  chromium: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
} as const;

/** Whether a program is there. In CI a missing one is an error; elsewhere its name is printed, and what needs it is to be skipped. */
export function has(program: keyof typeof programs): boolean {
  if (findProgram(...programs[program]) !== undefined) return true;
  return missing(program);
}

/** The cluster shared by all files, or `undefined` when there is none on this machine: what needs it is to be skipped. */
export function sharedCluster(): Connection | undefined {
  const cluster = inject("cluster");
  if (cluster === undefined) missing("control plane");
  return cluster;
}

function missing(name: string): false {
  if (process.env["CI"] === "true") throw new Error(`CI has no ${name} for the tests`);
  console.warn(`no ${name} on this machine: the tests that need it are left out`);
  return false;
}
