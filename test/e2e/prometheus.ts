import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon, complete, freePorts, until } from "@kube-state-mosaic/control-plane";
import { ExporterError } from "@kube-state-mosaic/errors";

/** One element of an instant vector. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix seconds and the value as text. */
  readonly value: readonly [number, string];
}

/** One element of a matrix. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix seconds and the value as text, the oldest first. */
  readonly values: readonly (readonly [number, string])[];
}

/** As `/api/v1/targets` tells it. */
export interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
  /** ISO date. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
}

/** A real Prometheus with storage of its own. */
export class Prometheus implements AsyncDisposable {
  readonly url: string;
  readonly daemon: Daemon;
  readonly #folder: string;

  private constructor(url: string, daemon: Daemon, folder: string) {
    this.url = url;
    this.daemon = daemon;
    this.#folder = folder;
  }

  /** `config` is prometheus.yml as an object (JSON is YAML); relative file names in it are relative to a folder of its own. Throws when Prometheus refuses it. */
  static async start({
    config,
    command = "prometheus",
  }: {
    config: object;
    command?: string;
  }): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "prometheus-"));
    const configFile = join(folder, "prometheus.yml");
    await writeFile(configFile, JSON.stringify(config));
    const [port] = await freePorts(1);
    const daemon = await Daemon.start(
      {
        name: "prometheus",
        command,
        args: [
          `--config.file=${configFile}`,
          `--storage.tsdb.path=${join(folder, "data")}`,
          `--web.listen-address=127.0.0.1:${port}`,
          "--web.enable-lifecycle",
        ],
      },
      [folder],
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, daemon, folder);
    try {
      await until(
        "Prometheus is ready",
        async () => (await fetch(`${prometheus.url}/-/ready`)).ok,
        { daemons: [daemon] },
      );
      return prometheus;
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Replaces the configuration; throws `REQUEST_FAILED` with Prometheus's words when it refuses it. */
  async reload(config: object): Promise<void> {
    await writeFile(join(this.#folder, "prometheus.yml"), JSON.stringify(config));
    const response = await fetch(`${this.url}/-/reload`, { method: "POST" });
    if (!response.ok) throw new ExporterError("REQUEST_FAILED", (await response.text()).trim());
  }

  /** The instant vector that an expression gives now. */
  async query(expression: string): Promise<readonly Sample[]> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    return ((await this.#get(path)) as { result: readonly Sample[] }).result;
  }

  /** The samples that a range selector (`name{…}[15m]`) selects now, as they are stored. */
  async samples(selector: string): Promise<readonly Series[]> {
    const path = `/api/v1/query?query=${encodeURIComponent(selector)}`;
    return ((await this.#get(path)) as { result: readonly Series[] }).result;
  }

  /** An expression at each step of a range. Unix seconds, seconds. */
  async range(
    expression: string,
    { start, end, step }: { start: number; end: number; step: number },
  ): Promise<readonly Series[]> {
    const query = new URLSearchParams({
      query: expression,
      start: String(start),
      end: String(end),
      step: String(step),
    });
    const path = `/api/v1/query_range?${query.toString()}`;
    return ((await this.#get(path)) as { result: readonly Series[] }).result;
  }

  /** The value of an expression that gives one element, and `undefined` when it gives none. */
  async value(expression: string): Promise<number | undefined> {
    const [sample] = await this.query(expression);
    return sample === undefined ? undefined : Number(sample.value[1]);
  }

  async targets(): Promise<readonly Target[]> {
    const data = await this.#get("/api/v1/targets?state=active");
    return (data as { activeTargets: readonly Target[] }).activeTargets;
  }

  /** All targets, once each has been scraped at least once; `count` says how many there must be. */
  scraped(count: number): Promise<readonly Target[]> {
    return until(
      `Prometheus has scraped ${count} targets`,
      async () => {
        const targets = await this.targets();
        return (
          targets.length === count &&
          targets.every((target) => target.health !== "unknown") &&
          targets
        );
      },
      { daemons: [this.daemon], timeoutMs: 60_000 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(this.url + path);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== "success")
      throw new ExporterError("REQUEST_FAILED", `Prometheus ${path}: ${answer.error}`);
    return answer.data;
  }
}

/** What `promtool check metrics` objects to in an exposition, a line each; empty when nothing. Throws `COMMAND_FAILED` when it cannot read it at all. */
export async function promtoolCheckMetrics(text: string): Promise<readonly string[]> {
  const { code, stderr, stdout } = await complete("promtool", ["check", "metrics"], {
    input: text,
  });
  // 3 is "parsed, with lint errors".
  if (code !== 0 && code !== 3)
    throw new ExporterError("COMMAND_FAILED", `promtool check metrics: ${stderr}`);
  return `${stdout}${stderr}`.split("\n").filter((line) => line !== "");
}
