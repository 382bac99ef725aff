import { ExporterError } from "@kube-state-mosaic/errors";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** As this process was started: from source, or from the bundle. */
const program = process.argv[1] ?? "";

/** One of the demo's processes: this program with another command, its log lines read as they come. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: string[] = [];
  #stopping = false;
  readonly #listening = Promise.withResolvers<{ metrics: string; telemetry: string }>();

  /** `onLine` gets each line that is a warning or worse. */
  constructor(name: string, args: readonly string[], onLine: (line: string) => unknown) {
    this.name = name;
    const all = [...process.execArgv, program, ...args, "--logging-format=json"];
    this.#process = spawn(process.execPath, all, { stdio: ["ignore", "ignore", "pipe"] });
    this.#exited = once(this.#process, "exit");
    const { stderr } = this.#process;
    if (stderr !== null)
      createInterface(stderr).on("line", (line) => {
        this.#lines.push(line);
        if (this.#lines.length > 20) this.#lines.shift();
        this.#read(line, onLine);
      });
    this.#listening.promise.catch(() => undefined);
    this.#process.on("exit", (code, signal) =>
      this.#listening.reject(
        new ExporterError(
          "DEMO_CHILD_ENDED",
          `${name} ended (${signal ?? `exit code ${code}`}); its last lines: ${this.#lines.join(" | ")}`,
        ),
      ),
    );
  }

  /** URLs of its two servers, once it listens. Rejects with its last lines when it ends before. */
  get listening(): Promise<{ metrics: string; telemetry: string }> {
    return this.#listening.promise;
  }

  /** It has been asked to end. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Asks it to end and waits until it has. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGTERM");
      await this.#exited;
    }
  }

  #read(line: string, onLine: (line: string) => unknown): void {
    let entry: Record<string, unknown>;
    try {
      entry = JSON.parse(line);
    } catch {
      onLine(line);
      return;
    }
    const { level, msg, metrics, telemetry } = entry;
    if (msg === "listening")
      this.#listening.resolve({ metrics: String(metrics), telemetry: String(telemetry) });
    if (level === "warn" || level === "error") onLine(`${String(msg)} ${line}`);
  }
}
