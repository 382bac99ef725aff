import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { configHash, type GaugeMetric, type Logger } from "@kube-state-mosaic/telemetry";
import { readFile, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { TlsOptions } from "node:tls";
import { tlsOptions } from "./tls-options.ts";
import { parseWebConfig, type WebConfig } from "./web-config.ts";

/** Milliseconds between noticing a change and reading the files. */
const settleMs = 25;

/** The gauges about configuration files; this one has `type="webconfig"`. */
export interface ReloadMetrics {
  readonly configHash: GaugeMetric<"filename" | "type">;
  readonly lastConfigReloadSuccessful: GaugeMetric<"filename" | "type">;
  readonly lastConfigReloadSuccessTimestamp: GaugeMetric<"filename" | "type">;
}

export interface LoadedWebConfig extends WebConfig {
  /** With the texts of all files; undefined: plain HTTP. */
  readonly tlsOptions: TlsOptions | undefined;
}

export interface WebConfigFileOptions {
  readonly file: string;
  readonly logger?: Logger | undefined;
  readonly metrics?: ReloadMetrics | undefined;
}

/**
 * A web configuration file and the certificates it names, read again whenever one of them has changed. What cannot be used
 * changes nothing: it is logged once with its position, and shows in the metrics.
 */
export class WebConfigFile {
  readonly #options: WebConfigFileOptions;
  /** States of the files that were read last, taken before they were read. */
  #seen: ReadonlyMap<string, string> = new Map();
  #current: LoadedWebConfig | undefined;
  #refreshing: Promise<void> | undefined;

  private constructor(options: WebConfigFileOptions) {
    this.#options = options;
  }

  /** Throws `WEB_CONFIG_INVALID` or `WEB_CONFIG_UNREADABLE`, naming the file, the key and the reason. */
  static async open(options: WebConfigFileOptions): Promise<WebConfigFile> {
    const opened = new WebConfigFile(options);
    await opened.#load();
    return opened;
  }

  /** What is in force. */
  get current(): LoadedWebConfig {
    if (this.#current === undefined) throw new ExporterError("WEB_CONFIG_UNREADABLE", "not open");
    return this.#current;
  }

  /** Looks at the files and reads them when one has changed. Who asks meanwhile waits for the same look. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#reload().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #reload(): Promise<void> {
    if (!(await this.#changed())) return;
    const { file, logger, metrics } = this.#options;
    try {
      // Most writers are done by then; what is read too early is refused or read again at the next look.
      await sleep(settleMs);
      await this.#load();
      logger?.info("the web configuration is read again", { file });
    } catch (error) {
      metrics?.lastConfigReloadSuccessful.set(0, labelsOf(file));
      logger?.error("a changed web configuration is not used; the one before stays in force", {
        file,
        error: messageOf(error),
      });
    }
  }

  async #changed(): Promise<boolean> {
    for (const [path, state] of this.#seen) if ((await stateOf(path)) !== state) return true;
    return false;
  }

  async #load(): Promise<void> {
    const { file, metrics } = this.#options;
    const seen = new Map<string, string>();
    const read = async (path: string, what: string): Promise<Buffer> => {
      // Before it is read: a change meanwhile is found at the next look.
      seen.set(path, await stateOf(path));
      return readFile(path).catch((cause: unknown) => {
        const message = `${what} ${path} cannot be read: ${messageOf(cause)}`;
        throw new ExporterError("WEB_CONFIG_UNREADABLE", message, { cause, context: { file } });
      });
    };
    try {
      const bytes = await read(file, "the web configuration");
      const config = parseWebConfig(bytes.toString("utf8"), file);
      if (this.#current !== undefined) refuseToOpen(this.#current, config, file);
      const options = config.tls && (await tlsOptions(config.tls, { file, read }));
      this.#current = { ...config, tlsOptions: options };
      metrics?.configHash.set(configHash(bytes), labelsOf(file));
    } finally {
      this.#seen = seen;
    }
    metrics?.lastConfigReloadSuccessful.set(1, labelsOf(file));
    metrics?.lastConfigReloadSuccessTimestamp.set(Date.now() / 1000, labelsOf(file));
  }
}

/** A file that is read while it is written may end early: a protection that is in force is never dropped by a change. */
function refuseToOpen(before: WebConfig, after: WebConfig, file: string): void {
  const lost = lostProtection(before, after);
  if (lost === undefined) return;
  const message = `the web configuration ${file} cannot be used: ${lost} without a restart`;
  throw new ExporterError("WEB_CONFIG_INVALID", message, { context: { file } });
}

function lostProtection(before: WebConfig, after: WebConfig): string | undefined {
  if ((before.tls === undefined) !== (after.tls === undefined))
    return "tls_server_config: TLS cannot be switched on or off";
  if (before.users.size > 0 && after.users.size === 0)
    return "basic_auth_users: basic authentication cannot be switched off";
  if (before.tls === undefined || after.tls === undefined) return undefined;
  if (before.tls.clientAuth !== "NoClientCert" && after.tls.clientAuth === "NoClientCert")
    return "tls_server_config.client_auth_type: client certificates cannot be switched off";
  if (before.tls.allowedSans.length > 0 && after.tls.allowedSans.length === 0)
    return "tls_server_config.client_allowed_sans: the list cannot be dropped";
  return undefined;
}

function labelsOf(filename: string): { filename: string; type: string } {
  return { filename, type: "webconfig" };
}

/** Differs when the file differs; symbolic links are followed, as Kubernetes swaps one to change a mounted ConfigMap. */
async function stateOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
}
