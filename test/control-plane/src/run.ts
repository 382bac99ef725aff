import { spawn } from "node:child_process";
import { ExporterError } from "@kube-state-mosaic/errors";
import type { Exit } from "./daemon.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads on standard input; default: nothing. */
  readonly input?: string;
  /** After this time it is killed; default: never. */
  readonly timeoutMs?: number;
}

export interface Completion extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, however it ends. Throws `DAEMON_NOT_STARTED` when it cannot be executed. It is killed when this process exits. */
export function complete(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Completion> {
  const { input = "", timeoutMs, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...spawnOptions,
      stdio: ["pipe", "pipe", "pipe"],
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: "SIGKILL" as const }),
    });
    const killed = (): void => void child.kill("SIGKILL");
    process.once("exit", killed);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => void (output[name] += text));
    child.once("error", (cause) => {
      process.off("exit", killed);
      const message = `${command}: ${cause.message}`;
      reject(new ExporterError("DAEMON_NOT_STARTED", message, { cause }));
    });
    child.once("close", (code, signal) => {
      process.off("exit", killed);
      resolve({ code, signal, ...output });
    });
    // A program that does not read its input closes the pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** As `complete`, but returns the standard output alone, and throws `COMMAND_FAILED` with the standard error when the program ends otherwise than with code 0. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, signal, stdout, stderr } = await complete(command, args, options);
  if (code === 0) return stdout;
  throw new ExporterError(
    "COMMAND_FAILED",
    `${command} ${args.join(" ")}: ended with ${signal ?? `code ${code}`}: ${stderr.trim() || stdout.trim()}`,
  );
}
