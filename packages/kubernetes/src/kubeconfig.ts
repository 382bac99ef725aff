import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";

/** PEM text, given in the file or by the path of another one. */
export type Material = { readonly text: string } | { readonly file: string };

export interface ExecSettings {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  /** The kubeconfig's cluster entry, for plugins that ask for it. */
  readonly cluster: Readonly<Record<string, unknown>>;
}

/** What the current context of a kubeconfig says, paths made absolute. */
export interface Kubeconfig {
  readonly file: string;
  readonly server: string;
  readonly proxyUrl: string | undefined;
  readonly insecure: boolean;
  readonly servername: string | undefined;
  readonly ca: Material | undefined;
  readonly cert: Material | undefined;
  readonly key: Material | undefined;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly basic: { readonly username: string; readonly password: string } | undefined;
  readonly exec: ExecSettings | undefined;
  /** Name of an auth-provider (gcp, azure, oidc). */
  readonly authProvider: string | undefined;
  /** Impersonate-… headers. */
  readonly impersonation: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Reads the current context. Throws KUBECONFIG_UNREADABLE, or KUBECONFIG_INVALID naming file, key and reason.
 * Inline data wins over files and `tokenFile` over `token`, as in client-go.
 */
export async function readKubeconfig(file: string): Promise<Kubeconfig> {
  const root = await parsed(file);
  const context = root.entry("contexts", root.requiredText("current-context")).record("context");
  const cluster = root.entry("clusters", context.requiredText("cluster")).record("cluster");
  const userName = context.text("user");
  const user = userName === "" ? root.empty("user") : root.entry("users", userName).record("user");

  const insecure = cluster.flag("insecure-skip-tls-verify");
  const ca = cluster.material("certificate-authority");
  if (insecure && ca !== undefined)
    throw cluster.invalid(
      "certificate-authority",
      "cannot be combined with insecure-skip-tls-verify",
    );
  const tokenFile = user.path("tokenFile");
  const token = user.text("token");
  const basic = basicOf(user);
  if (basic !== undefined && (token !== "" || tokenFile !== undefined))
    throw user.invalid("username", "a user has either a token or a name and password, not both");
  const cert = user.material("client-certificate");
  const key = user.material("client-key");
  if ((cert === undefined) !== (key === undefined))
    throw user.invalid(
      cert === undefined ? "client-certificate" : "client-key",
      "is missing: certificate and key are needed together",
    );
  return {
    file,
    server: cluster.text("server"),
    proxyUrl: cluster.text("proxy-url") || undefined,
    insecure,
    servername: cluster.text("tls-server-name") || undefined,
    ca,
    cert,
    key,
    token: tokenFile === undefined && token !== "" ? token.trim() : undefined,
    tokenFile,
    basic,
    exec: execOf(user, cluster),
    authProvider: user.optionalRecord("auth-provider")?.requiredText("name"),
    impersonation: impersonationOf(user),
  };
}

async function parsed(file: string): Promise<Section> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new ExporterError(
      "KUBECONFIG_UNREADABLE",
      `kubeconfig ${file} cannot be read: ${messageOf(cause)}`,
      { cause, context: { file } },
    );
  }
  // Only kubeconfig users pay for the parser.
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const [reason = ""] = messageOf(cause).split("\n");
    throw invalid({ file, key: "" }, `is not YAML: ${reason}`);
  }
  if (!isRecord(value)) throw invalid({ file, key: "" }, "is not a YAML mapping");
  return new Section(file, "", value);
}

function basicOf(user: Section): { username: string; password: string } | undefined {
  const username = user.text("username");
  const password = user.text("password");
  return username === "" && password === "" ? undefined : { username, password };
}

function execOf(user: Section, cluster: Section): ExecSettings | undefined {
  const exec = user.optionalRecord("exec");
  if (exec === undefined) return undefined;
  const apiVersion = exec.requiredText("apiVersion");
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion))
    throw exec.invalid("apiVersion", `${apiVersion} is not supported (v1 and v1beta1 are)`);
  if (exec.text("interactiveMode") === "Always")
    throw exec.invalid("interactiveMode", "Always needs a terminal, which a server does not have");
  const command = exec.requiredText("command");
  return {
    apiVersion,
    command: command.includes("/") ? exec.absolute(command) : command,
    args: exec.texts("args"),
    env: Object.fromEntries(
      exec.records("env").map((entry) => [entry.requiredText("name"), entry.text("value")]),
    ),
    installHint: exec.text("installHint"),
    provideClusterInfo: exec.flag("provideClusterInfo"),
    cluster: cluster.values,
  };
}

function impersonationOf(user: Section): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  const name = user.text("as");
  const uid = user.text("as-uid");
  const groups = user.texts("as-groups");
  if (name !== "") headers["impersonate-user"] = name;
  if (uid !== "") headers["impersonate-uid"] = uid;
  if (groups.length > 0) headers["impersonate-group"] = groups;
  const extra = user.optionalRecord("as-user-extra");
  for (const key of Object.keys(extra?.values ?? {}))
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = extra?.texts(key) ?? [];
  return headers;
}

/** One mapping of the file, with the way to it for error messages. */
class Section {
  readonly values: Readonly<Record<string, unknown>>;
  readonly #file: string;
  readonly #key: string;

  constructor(file: string, key: string, values: Readonly<Record<string, unknown>>) {
    this.#file = file;
    this.#key = key;
    this.values = values;
  }

  invalid(key: string, reason: string): ExporterError {
    return invalid({ file: this.#file, key: this.#at(key) }, reason);
  }

  text(key: string): string {
    const value = this.values[key] ?? "";
    // A token or password of digits only is a number to YAML; its spelling may be lost, so it has to be quoted.
    if (typeof value !== "string") throw this.invalid(key, "must be a string");
    return value;
  }

  requiredText(key: string): string {
    const value = this.text(key);
    if (value === "") throw this.invalid(key, "is missing");
    return value;
  }

  flag(key: string): boolean {
    const value = this.values[key] ?? false;
    if (typeof value !== "boolean") throw this.invalid(key, "must be true or false");
    return value;
  }

  texts(key: string): readonly string[] {
    const value = this.values[key] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
      throw this.invalid(key, "must be a list of strings");
    return value;
  }

  /** Relative paths belong to the file's own directory. */
  absolute(path: string): string {
    return isAbsolute(path) ? path : resolve(dirname(this.#file), path);
  }

  path(key: string): string | undefined {
    const value = this.text(key);
    return value === "" ? undefined : this.absolute(value);
  }

  material(key: string): Material | undefined {
    const data = this.text(`${key}-data`);
    if (data === "") {
      const file = this.path(key);
      return file === undefined ? undefined : { file };
    }
    const text = Buffer.from(data, "base64").toString("utf8");
    if (!text.includes("-----BEGIN"))
      throw this.invalid(`${key}-data`, "must be a PEM text in base64");
    return { text };
  }

  empty(key: string): Section {
    return new Section(this.#file, this.#at(key), {});
  }

  record(key: string): Section {
    return this.optionalRecord(key) ?? this.empty(key);
  }

  optionalRecord(key: string): Section | undefined {
    const value = this.values[key];
    if (value === undefined || value === null) return undefined;
    if (!isRecord(value)) throw this.invalid(key, "must be a mapping");
    return new Section(this.#file, this.#at(key), value);
  }

  records(key: string): readonly Section[] {
    const value = this.values[key] ?? [];
    if (!Array.isArray(value) || !value.every(isRecord))
      throw this.invalid(key, "must be a list of mappings");
    return value.map((item, index) => new Section(this.#file, this.#at(`${key}[${index}]`), item));
  }

  entry(list: string, name: string): Section {
    const found = this.records(list).find((item) => item.values["name"] === name);
    if (found === undefined) throw this.invalid(list, `has no entry named ${name}`);
    return new Section(this.#file, this.#at(`${list}[${name}]`), found.values);
  }

  #at(key: string): string {
    return this.#key === "" ? key : `${this.#key}.${key}`;
  }
}

function invalid({ file, key }: { file: string; key: string }, reason: string): ExporterError {
  return new ExporterError(
    "KUBECONFIG_INVALID",
    `kubeconfig ${file}: ${key === "" ? "the file" : key} ${reason}`,
    { context: { file, key } },
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
