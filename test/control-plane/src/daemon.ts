import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ExporterError } from "@kube-state-mosaic/errors";

export interface DaemonSettings {
  /** How messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** How many of the newest output lines are kept; default 400. */
  readonly keepLines?: number;
}

/** How a process ended: exactly one of the two is not null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * Kills a process group, and removes the folders named, when its standard input ends: which also happens when the process that started it is killed.
 * In a session of its own, so that Ctrl-C in a terminal does not take the guard with it.
 */
const guardScript = `read -r _; kill -s KILL -- "-$0" 2>/dev/null; test $# -eq 0 || rm -rf -- "$@"`;

/** A child process in its own process group, which never outlives this process. Its output lines (both streams) are kept for reading and for messages. */
export class Daemon {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process has ended and its output is read; never rejects. */
  readonly exited: Promise<Exit>;
  readonly lines: string[] = [];
  #exit: Exit | undefined;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  private constructor(settings: DaemonSettings, child: ChildProcess & { pid: number }) {
    this.name = settings.name;
    this.pid = child.pid;
    this.#child = child;
    const keepLines = settings.keepLines ?? 400;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        if (this.lines.push(line) > keepLines) this.lines.shift();
        this.#notify();
      });
    }
    this.exited = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
        this.#notify();
      });
    });
  }

  /** Starts the program; `removeAtDeath` names folders to be removed should this process be killed. Throws `DAEMON_NOT_STARTED` when it cannot be executed. */
  static async start(
    settings: DaemonSettings,
    removeAtDeath: readonly string[] = [],
  ): Promise<Daemon> {
    const child = spawn(settings.command, settings.args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: settings.env ?? process.env,
      ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) => {
        reject(
          new ExporterError("DAEMON_NOT_STARTED", `${settings.name}: ${cause.message}`, { cause }),
        );
      });
    });
    const daemon = new Daemon(settings, child as ChildProcess & { pid: number });
    const guard = spawn("/bin/sh", ["-c", guardScript, String(daemon.pid), ...removeAtDeath], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    // Once the process is gone its number may be given to another one: the guard goes first.
    child.once("exit", () => guard.kill("SIGKILL"));
    guard.unref();
    guard.once("error", () => daemon.kill("SIGKILL"));
    return daemon;
  }

  /** `undefined` while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** The first kept line that matches, as soon as there is one. Throws when the process ends without, or after `timeoutMs` (default 30 s). */
  line(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        outcome();
      };
      const look = (): void => {
        const found = this.lines.find((line) => pattern.test(line));
        if (found !== undefined) settle(() => resolve(found));
        else if (this.#exit !== undefined)
          settle(() => reject(this.ended(`no line matches ${pattern}`)));
      };
      const timer = setTimeout(() => {
        const message = `no line matches ${pattern} within ${timeoutMs / 1000} s\n${this.tail()}`;
        settle(() => reject(new ExporterError("TIMED_OUT", message)));
      }, timeoutMs);
      this.#listeners.add(look);
      look();
    });
  }

  /** Sends a signal to the process alone. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks the process to end, and after `graceMs` (default 5 s) ends its whole process group. */
  async stop(graceMs = 5_000): Promise<Exit> {
    if (this.#exit === undefined) {
      this.kill("SIGTERM");
      const timer = setTimeout(() => this.#killGroup(), graceMs);
      await this.exited;
      clearTimeout(timer);
    }
    return this.exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop().then(() => undefined);
  }

  /** The newest lines of its output under its name, for a message. */
  tail(count = 12): string {
    return [`--- last lines of ${this.name}:`, ...this.lines.slice(-count)].join("\n");
  }

  /** The error that says that it ended, how, and what it last said. */
  ended(during: string): ExporterError {
    const how =
      this.#exit?.signal === null ? `code ${this.#exit.code}` : `signal ${this.#exit?.signal}`;
    return new ExporterError(
      "DAEMON_ENDED",
      `${during}: ${this.name} has ended with ${how}\n${this.tail()}`,
    );
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
}
