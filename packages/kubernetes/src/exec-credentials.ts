import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { execFile } from "node:child_process";
import type { Clock } from "./clock.ts";
import type { ExecSettings } from "./kubeconfig.ts";

export interface ExecCredential {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Unix milliseconds; infinity when the plugin gave no time. */
  readonly expiresAt: number;
}

const PLUGIN_TIMEOUT_MS = 60_000;
const EXPIRY_MARGIN_MS = 10_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** Runs a kubeconfig's exec plugin, one run at a time, when there is no credential or it expires within 10 s. */
export class ExecCredentials {
  readonly #settings: ExecSettings;
  readonly #clock: Clock;
  #cached: ExecCredential | undefined;
  #running: Promise<ExecCredential> | undefined;

  constructor(settings: ExecSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Throws CREDENTIAL_PLUGIN_FAILED with what the plugin said. */
  current(): Promise<ExecCredential> {
    const cached = this.#cached;
    if (cached !== undefined && this.#clock.wall() < cached.expiresAt - EXPIRY_MARGIN_MS)
      return Promise.resolve(cached);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** The server refused the credential: the plugin runs again. */
  drop(): void {
    this.#cached = undefined;
  }

  async #run(): Promise<ExecCredential> {
    const output = await runPlugin(this.#settings);
    this.#cached = credentialOf(output, this.#settings);
    return this.#cached;
  }
}

function runPlugin(settings: ExecSettings): Promise<string> {
  const info = {
    apiVersion: settings.apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(settings.provideClusterInfo && { cluster: clusterInfo(settings.cluster) }),
    },
  };
  return new Promise((resolve, reject) => {
    const child = execFile(
      settings.command,
      [...settings.args],
      {
        env: { ...process.env, ...settings.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
        timeout: PLUGIN_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const hint = settings.installHint === "" ? "" : ` (${settings.installHint.trim()})`;
        const said = stderr.trim().slice(-300);
        reject(failure(settings, `${messageOf(error).split("\n")[0]} ${said}${hint}`, error));
      },
    );
    // Not interactive: a plugin that asks for input sees the end of it at once.
    child.stdin?.end();
  });
}

/** The fields of ExecCredential's spec.cluster that the kubeconfig has under the same names. */
function clusterInfo(cluster: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = [
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
  ];
  return Object.fromEntries(
    names.filter((name) => cluster[name] !== undefined).map((name) => [name, cluster[name]]),
  );
}

function credentialOf(output: string, settings: ExecSettings): ExecCredential {
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch (cause) {
    // Its output may hold a secret: never quoted.
    throw failure(settings, "its output is not JSON", cause);
  }
  if (!isRecord(value) || value["kind"] !== "ExecCredential")
    throw failure(settings, "its output is not an ExecCredential");
  if (value["apiVersion"] !== settings.apiVersion)
    throw failure(
      settings,
      `it answered in ${String(value["apiVersion"])} instead of ${settings.apiVersion}`,
    );
  const status = isRecord(value["status"]) ? value["status"] : {};
  const token = textOf(status["token"]);
  const cert = textOf(status["clientCertificateData"]);
  const key = textOf(status["clientKeyData"]);
  if (token === undefined && cert === undefined)
    throw failure(settings, "it gave neither a token nor a client certificate");
  if ((cert === undefined) !== (key === undefined))
    throw failure(settings, "it gave only one of client certificate and key");
  const expiry = Date.parse(textOf(status["expirationTimestamp"]) ?? "");
  const expiresAt = Number.isNaN(expiry) ? Number.POSITIVE_INFINITY : expiry;
  return { token: token?.trim(), cert, key, expiresAt };
}

function failure(settings: ExecSettings, reason: string, cause?: unknown): ExporterError {
  return new ExporterError(
    "CREDENTIAL_PLUGIN_FAILED",
    `credential plugin ${settings.command} failed: ${reason.trim()}`,
    { cause, context: { command: settings.command } },
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
