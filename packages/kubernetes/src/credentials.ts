import { ExporterError } from "@kube-state-mosaic/errors";
import { join } from "node:path";
import { systemClock, type Clock } from "./clock.ts";
import type { Authentication, Cluster } from "./cluster.ts";
import { ExecCredentials } from "./exec-credentials.ts";
import { readKubeconfig, type Kubeconfig } from "./kubeconfig.ts";
import { PluginCredentials } from "./plugin-credentials.ts";
import { proxyFromEnvironment, type Environment } from "./proxy.ts";
import { ReloadedFile } from "./reloaded-file.ts";
import { TlsMaterial } from "./tls-material.ts";

export interface LoadClusterOptions {
  /** Path of a kubeconfig; its current context counts. */
  readonly kubeconfig?: string | undefined;
  /** URL of the API server. Alone it means: no credentials. */
  readonly apiserver?: string | undefined;
  /** Default: `process.env`. */
  readonly environment?: Environment;
  readonly serviceAccountDirectory?: string;
  readonly clock?: Clock;
  /** Told when the cluster's CA file is missing in a pod and the system's roots are used. */
  readonly onWarning?: (message: string) => void;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
// client-go: a minute less a margin of 10 s. Bound tokens live an hour and are replaced at 80 % of it.
const TOKEN_MAX_AGE_MS = 50_000;

/**
 * The cluster that `--kubeconfig` and `--apiserver` name; neither of them: the one this pod runs in.
 * Throws KUBECONFIG_UNREADABLE, KUBECONFIG_INVALID, APISERVER_INVALID, NOT_IN_CLUSTER, CREDENTIALS_UNREADABLE,
 * CREDENTIALS_INVALID or CREDENTIAL_PLUGIN_FAILED.
 */
export async function loadCluster(options: LoadClusterOptions = {}): Promise<Cluster> {
  const clock = options.clock ?? systemClock;
  const environment = options.environment ?? process.env;
  const scheme = options.kubeconfig ? "https" : "http";
  const override = options.apiserver
    ? serverUrl(options.apiserver, { where: "--apiserver", scheme })
    : undefined;
  let cluster: Cluster;
  if (options.kubeconfig)
    cluster = fromKubeconfig(await readKubeconfig(options.kubeconfig), {
      clock,
      environment,
      override,
    });
  else if (override !== undefined) cluster = anonymous(override, environment);
  else cluster = await inCluster(options, { clock, environment });
  // A missing file, a broken certificate or a failing plugin is found now, not with the first request.
  await cluster.authenticate();
  return cluster;
}

/** `scheme` is for a bare `host:port`: client-go takes https where it has TLS settings. */
function serverUrl(text: string, { where, scheme }: { where: string; scheme: string }): URL {
  const full = text.includes("://") ? text : `${scheme}://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new ExporterError(
      "APISERVER_INVALID",
      `${where}: ${text} is not an http or https URL of an API server`,
      { context: { server: text } },
    );
  return url;
}

function anonymous(server: URL, environment: Environment): Cluster {
  const authentication: Authentication = { headers: {}, tls: {} };
  return {
    server,
    proxy: proxyFromEnvironment(server, environment),
    origin: "url",
    authenticate: () => Promise.resolve(authentication),
    refused: () => undefined,
  };
}

async function inCluster(
  options: LoadClusterOptions,
  { clock, environment }: { clock: Clock; environment: Environment },
): Promise<Cluster> {
  const host = environment["KUBERNETES_SERVICE_HOST"];
  const port = environment["KUBERNETES_SERVICE_PORT"];
  if (!host || !port)
    throw new ExporterError(
      "NOT_IN_CLUSTER",
      "not running in a cluster (KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set): name one with --kubeconfig or --apiserver",
    );
  const server = new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
  const directory = options.serviceAccountDirectory ?? SERVICE_ACCOUNT;
  const token = new ReloadedFile(join(directory, "token"), { clock, maxAgeMs: TOKEN_MAX_AGE_MS });
  let tls = new TlsMaterial({ ca: { file: join(directory, "ca.crt") } }, clock);
  try {
    await tls.settings();
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error;
    options.onWarning?.(`${error.message}; going on with the system's root certificates`);
    tls = new TlsMaterial({}, clock);
  }
  return {
    server,
    proxy: proxyFromEnvironment(server, environment),
    origin: "in-cluster",
    authenticate: async () => ({
      headers: { authorization: `Bearer ${await token.text()}` },
      tls: await tls.settings(),
    }),
    refused: () => token.expire(),
  };
}

interface KubeconfigContext {
  readonly clock: Clock;
  readonly environment: Environment;
  readonly override: URL | undefined;
}

function fromKubeconfig(config: Kubeconfig, context: KubeconfigContext): Cluster {
  const { clock, environment, override } = context;
  if (config.server === "" && override === undefined)
    throw new ExporterError(
      "KUBECONFIG_INVALID",
      `kubeconfig ${config.file}: the current context's cluster has no server, and --apiserver is not given`,
      { context: { file: config.file, key: "server" } },
    );
  const server =
    override ??
    serverUrl(config.server, { where: `kubeconfig ${config.file}: server`, scheme: "https" });
  const base = {
    server,
    proxy: config.proxyUrl ?? proxyFromEnvironment(server, environment),
    origin: "kubeconfig",
  } as const;
  if (server.protocol === "http:") {
    // As client-go: nothing secret is sent in the clear.
    const authentication: Authentication = { headers: config.impersonation, tls: {} };
    return {
      ...base,
      authenticate: () => Promise.resolve(authentication),
      refused: () => undefined,
    };
  }
  const tls = new TlsMaterial(config, clock);
  const source = credentialSource(config, clock);
  return {
    ...base,
    authenticate: async () => {
      const { authorization, client } = await source.current();
      return {
        headers: { ...(authorization && { authorization }), ...config.impersonation },
        tls: await tls.settings(client),
      };
    },
    refused: () => source.drop(),
  };
}

interface CredentialSource {
  current(): Promise<{
    readonly authorization?: string | undefined;
    readonly client?: { readonly cert: string; readonly key: string } | undefined;
  }>;
  drop(): void;
}

function credentialSource(config: Kubeconfig, clock: Clock): CredentialSource {
  if (config.tokenFile !== undefined) {
    const file = new ReloadedFile(config.tokenFile, { clock, maxAgeMs: TOKEN_MAX_AGE_MS });
    return {
      current: async () => ({ authorization: `Bearer ${await file.text()}` }),
      drop: () => file.expire(),
    };
  }
  if (config.token !== undefined) return fixed(`Bearer ${config.token}`);
  if (config.basic !== undefined) {
    const { username, password } = config.basic;
    return fixed(`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`);
  }
  if (config.exec !== undefined) {
    const plugin = new ExecCredentials(config.exec, clock);
    return {
      current: async () => {
        const { token, cert, key } = await plugin.current();
        return {
          authorization: token === undefined ? undefined : `Bearer ${token}`,
          client: cert === undefined || key === undefined ? undefined : { cert, key },
        };
      },
      drop: () => plugin.drop(),
    };
  }
  if (config.authProvider !== undefined) {
    const plugin = new PluginCredentials(config.file);
    return {
      current: async () => ({ authorization: await plugin.authorization() }),
      drop: () => plugin.drop(),
    };
  }
  return fixed(undefined);
}

function fixed(authorization: string | undefined): CredentialSource {
  return { current: () => Promise.resolve({ authorization }), drop: () => undefined };
}
