import { spawn } from "node:child_process";
import { ExporterError } from "@kube-state-mosaic/errors";

/**
 * Runs a program to its end and returns its standard output. Throws `DAEMON_NOT_STARTED` when it cannot be executed, and `COMMAND_FAILED` with its standard error
 * when it ends otherwise than with code 0.
 */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<string> {
  const { input = "", ...spawnOptions } = options;
  const what = `${command} ${args.join(" ")}`;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...spawnOptions, stdio: ["pipe", "pipe", "pipe"] });
    const killed = (): void => void child.kill("SIGKILL");
    process.once("exit", killed);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => void (output[name] += text));
    child.once("error", (cause) => {
      process.off("exit", killed);
      reject(new ExporterError("DAEMON_NOT_STARTED", `${what}: ${cause.message}`, { cause }));
    });
    child.once("close", (code, signal) => {
      process.off("exit", killed);
      if (code === 0) resolve(output.stdout);
      else
        reject(
          new ExporterError(
            "COMMAND_FAILED",
            `${what}: ended with ${signal ?? `code ${code}`}: ${output.stderr.trim() || output.stdout.trim()}`,
          ),
        );
    });
    // A program that does not read its input closes the pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
