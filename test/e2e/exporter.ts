import { fileURLToPath } from "node:url";
import { Daemon, freePorts, until } from "@kube-state-mosaic/control-plane";

/** The product's binary, where a user has it. */
export const program: string = fileURLToPath(
  new URL("../../node_modules/.bin/kube-state-mosaic", import.meta.url),
);

/** Starts the product's binary as a user would, with nothing added to the arguments. */
export function startProgram(args: readonly string[]): Promise<Daemon> {
  return Daemon.start({
    name: `kube-state-mosaic ${args.find((argument) => !argument.startsWith("-")) ?? "worker"}`,
    command: program,
    args,
    // Cron schedules without a zone are read in the machine's.
    env: { ...process.env, TZ: "UTC" },
    keepLines: 5_000,
  });
}

/** A worker or a coordinator with its two servers on random loopback ports. */
export class Exporter implements AsyncDisposable {
  /** Of the metrics server, without a slash at the end. */
  readonly url: string;
  readonly telemetryUrl: string;
  readonly daemon: Daemon;

  private constructor(ports: readonly number[], daemon: Daemon) {
    this.url = `http://127.0.0.1:${ports[0]}`;
    this.telemetryUrl = `http://127.0.0.1:${ports[1]}`;
    this.daemon = daemon;
  }

  /** Starts it; it need not answer yet. */
  static async start(args: readonly string[]): Promise<Exporter> {
    const ports = await freePorts(2);
    const daemon = await startProgram([
      ...args,
      "--host=127.0.0.1",
      `--port=${ports[0]}`,
      "--telemetry-host=127.0.0.1",
      `--telemetry-port=${ports[1]}`,
    ]);
    return new Exporter(ports, daemon);
  }

  /** Settles once it says that it is ready: synced and complete. Throws with its last lines when it ends before. */
  async ready(timeoutMs = 60_000): Promise<this> {
    await until(
      `${this.daemon.name} is ready`,
      async () => (await fetch(`${this.telemetryUrl}/readyz`)).ok,
      { daemons: [this.daemon], timeoutMs },
    );
    return this;
  }

  /** One exposition in the text format. */
  async scrape(query = ""): Promise<string> {
    const response = await fetch(`${this.url}/metrics${query}`);
    if (!response.ok)
      throw new Error(`${this.url}/metrics: ${response.status}: ${await response.text()}`);
    return response.text();
  }

  /** Its own metrics. */
  async telemetry(): Promise<string> {
    return (await fetch(`${this.telemetryUrl}/metrics`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon.stop();
  }
}
