import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { Authentication, Cluster } from "@kube-state-mosaic/kubernetes";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { flag, join, mapping, SettingProblem, text, type YamlMap } from "./yaml-values.ts";

/** How to reach an `api_server`; files are absolute paths, read again for every request. */
export interface HttpSettings {
  readonly authorization: { readonly type: string; readonly secret: Secret } | undefined;
  readonly basicAuth: { readonly username: string; readonly password: Secret } | undefined;
  readonly tls: {
    readonly ca: Secret | undefined;
    readonly cert: Secret | undefined;
    readonly key: Secret | undefined;
    readonly serverName: string | undefined;
    readonly insecureSkipVerify: boolean;
  };
  readonly proxyUrl: string | undefined;
}

type Secret = { readonly inline: string } | { readonly file: string };

/** The keys of Prometheus's HTTP client that may stand beside `api_server`. */
export const httpKeys: readonly string[] = [
  "authorization",
  "basic_auth",
  "bearer_token",
  "bearer_token_file",
  "oauth2",
  "tls_config",
  "proxy_url",
  "no_proxy",
  "proxy_from_environment",
  "proxy_connect_header",
  "http_headers",
  "follow_redirects",
  "enable_http2",
];

const unsupported = [
  "oauth2",
  "no_proxy",
  "proxy_from_environment",
  "proxy_connect_header",
  "http_headers",
];
const schemes = ["authorization", "basic_auth", "oauth2", "bearer_token", "bearer_token_file"];

/** The settings of a configuration, `undefined` when all are at their defaults. Throws a SettingProblem. */
export function httpSettings(
  config: YamlMap,
  key: string,
  directory: string,
): HttpSettings | undefined {
  const present = (name: string): boolean => config[name] !== undefined && config[name] !== null;
  const used = schemes.filter(present);
  if (used.length > 1)
    throw new SettingProblem(
      join(key, used[1] ?? ""),
      `contradicts ${used[0]}: one of them is enough`,
    );
  for (const name of unsupported)
    if (present(name))
      throw new SettingProblem(join(key, name), "is not supported; use a kubeconfig_file instead");
  const redirects = flag(config["follow_redirects"], join(key, "follow_redirects"), true);
  const http2 = flag(config["enable_http2"], join(key, "enable_http2"), true);
  const reader = new SecretReader(directory);
  const settings: HttpSettings = {
    authorization: authorizationOf(config, key, reader),
    basicAuth: basicAuthOf(config, key, reader),
    tls: tlsOf(config, join(key, "tls_config"), reader),
    proxyUrl: text(config["proxy_url"], join(key, "proxy_url")),
  };
  const isDefault = redirects && http2 && !httpKeys.slice(0, -2).some(present);
  return isDefault ? undefined : settings;
}

/** The API server at this URL, with these settings. A file that cannot be read is an ExporterError. */
export function clusterAt(server: string, settings: HttpSettings | undefined): Cluster {
  let last: Authentication | undefined;
  return {
    server: new URL(server),
    proxy: settings?.proxyUrl,
    origin: "url",
    authenticate: async () => {
      const next = authenticationOf(settings);
      // The same object as long as nothing changed keeps connections.
      if (last === undefined || JSON.stringify(last) !== JSON.stringify(next)) last = next;
      return Promise.resolve(last);
    },
    refused: () => undefined,
  };
}

function authenticationOf(settings: HttpSettings | undefined): Authentication {
  if (settings === undefined) return { headers: {}, tls: {} };
  const { authorization, basicAuth, tls } = settings;
  const headers: Record<string, string> = {};
  if (authorization !== undefined)
    headers["authorization"] = `${authorization.type} ${read(authorization.secret).trim()}`;
  if (basicAuth !== undefined) {
    const pair = `${basicAuth.username}:${read(basicAuth.password).trim()}`;
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  return {
    headers,
    tls: {
      ...(tls.ca && { ca: read(tls.ca) }),
      ...(tls.cert && { cert: read(tls.cert) }),
      ...(tls.key && { key: read(tls.key) }),
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
      ...(tls.insecureSkipVerify && { rejectUnauthorized: false }),
    },
  };
}

function read(secret: Secret): string {
  if ("inline" in secret) return secret.inline;
  try {
    return readFileSync(secret.file, "utf8");
  } catch (cause) {
    throw new ExporterError(
      "CREDENTIALS_UNREADABLE",
      `${secret.file} cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** Reads `<name>` or `<name>_file`. */
class SecretReader {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  of(config: YamlMap, key: string, name: string): Secret | undefined {
    const inline = text(config[name], join(key, name));
    const file = text(config[`${name}_file`], join(key, `${name}_file`));
    if (inline !== undefined && file !== undefined)
      throw new SettingProblem(
        join(key, `${name}_file`),
        `contradicts ${name}: one of them is enough`,
      );
    if (file !== undefined) return { file: resolve(this.#directory, file) };
    return inline === undefined ? undefined : { inline };
  }
}

function authorizationOf(
  config: YamlMap,
  key: string,
  reader: SecretReader,
): HttpSettings["authorization"] {
  const bearer = reader.of(config, key, "bearer_token");
  if (bearer !== undefined) return { type: "Bearer", secret: bearer };
  const at = join(key, "authorization");
  const given = mapping(config["authorization"], at, ["type", "credentials", "credentials_file"]);
  const type = text(given["type"], join(at, "type")) ?? "Bearer";
  if (type.toLowerCase() === "basic")
    throw new SettingProblem(join(at, "type"), "use basic_auth for basic authentication");
  const secret = reader.of(given, at, "credentials");
  return secret === undefined ? undefined : { type, secret };
}

function basicAuthOf(
  config: YamlMap,
  key: string,
  reader: SecretReader,
): HttpSettings["basicAuth"] {
  const at = join(key, "basic_auth");
  if (config["basic_auth"] === undefined || config["basic_auth"] === null) return undefined;
  const given = mapping(config["basic_auth"], at, ["username", "password", "password_file"]);
  return {
    username: text(given["username"], join(at, "username")) ?? "",
    password: reader.of(given, at, "password") ?? { inline: "" },
  };
}

function tlsOf(config: YamlMap, key: string, reader: SecretReader): HttpSettings["tls"] {
  const names = ["ca", "ca_file", "cert", "cert_file", "key", "key_file"];
  const given = mapping(config["tls_config"], key, [
    ...names,
    "server_name",
    "insecure_skip_verify",
  ]);
  const cert = reader.of(given, key, "cert");
  const privateKey = reader.of(given, key, "key");
  if ((cert === undefined) !== (privateKey === undefined))
    throw new SettingProblem(key, "a client certificate needs both cert and key");
  return {
    ca: reader.of(given, key, "ca"),
    cert,
    key: privateKey,
    serverName: text(given["server_name"], join(key, "server_name")),
    insecureSkipVerify: flag(
      given["insecure_skip_verify"],
      join(key, "insecure_skip_verify"),
      false,
    ),
  };
}
