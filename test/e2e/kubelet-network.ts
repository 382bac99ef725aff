import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { findProgram } from "@kube-state-mosaic/control-plane";

/** Whether pods can run as processes here: root, and the programs that make namespaces. In CI it must be so. */
export function canRunPods(): boolean {
  const missing = ["ip", "unshare", "nsenter", "chroot"].filter(
    (name) => findProgram(name) === undefined,
  );
  if (process.getuid?.() !== 0) missing.unshift("root");
  if (missing.length === 0) return true;
  if (process.env["CI"] === "true")
    throw new Error(`CI has no ${missing.join(", ")} to run pods with`);
  console.warn(
    `no ${missing.join(", ")} on this machine: the tests with pods of a node are left out`,
  );
  return false;
}

/** Runs a script of this folder in network and mount namespaces of its own; answers what it prints on standard output as JSON. */
export async function inOwnNetwork<Result>(
  script: string,
  ...args: readonly string[]
): Promise<Result> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const command = ["--net", "--mount", process.execPath, path, ...args];
  const child = spawn("unshare", command, { stdio: ["ignore", "pipe", "inherit"] });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (output += text));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  process.off("exit", kill);
  if (code !== 0)
    throw new Error(`${script} ended with ${signal ?? `code ${code}`}: see its messages above`);
  return JSON.parse(output) as Result;
}
