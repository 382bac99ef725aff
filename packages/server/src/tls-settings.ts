import { dirname, resolve } from "node:path";
import type { SecureVersion } from "node:tls";
import {
  clientAuthTypes,
  curves,
  tls12Suites,
  tls13Suites,
  tlsVersions,
  type ClientAuth,
} from "./tls-names.ts";
import type { Place, YamlReader } from "./yaml-section.ts";

/** PEM text that stands in the configuration, or the absolute path of a file that holds it. */
export type Material = { readonly text: string } | { readonly file: string };

export interface TlsSettings {
  readonly cert: Material;
  readonly key: Material;
  readonly clientCa: Material | undefined;
  readonly clientAuth: ClientAuth;
  /** Empty: any name is taken. */
  readonly allowedSans: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** OpenSSL's names, colon-separated. */
  readonly ciphers: string;
  /** Colon-separated; undefined: the default curves. */
  readonly curves: string | undefined;
}

/** Reads `tls_server_config`; undefined where it asks for no TLS, or has problems. */
export function readTls(reader: YamlReader, place: Place, file: string): TlsSettings | undefined {
  const text = (value: Place) => reader.text(value);
  const version = (value: Place) => reader.word(value, tlsVersions);
  const given = reader.section(place, {
    cert: text,
    key: text,
    cert_file: text,
    key_file: text,
    client_ca: text,
    client_ca_file: text,
    client_auth_type: (value) => reader.word(value, clientAuthTypes),
    client_allowed_sans: (value) => reader.list(value, text),
    min_version: version,
    max_version: version,
    cipher_suites: (value) => reader.list(value, (item) => reader.word(item, cipherSuites)),
    prefer_server_cipher_suites: (value) => reader.boolean(value),
    curve_preferences: (value) => reader.list(value, (item) => reader.word(item, curves)),
  });
  const material = (inline: string | undefined, path: string | undefined): Material | undefined => {
    if (path !== undefined) return { file: resolve(dirname(file), path) };
    return inline === undefined ? undefined : { text: inline };
  };
  const cert = material(given.cert, given.cert_file);
  const key = material(given.key, given.key_file);
  const clientCa = material(given.client_ca, given.client_ca_file);
  const { client_auth_type: asked, min_version: minVersion = "TLSv1.2" } = given;
  if (!(cert || key || clientCa || asked)) return undefined;
  const { max_version: maxVersion = "TLSv1.3" } = given;
  if (clientCa !== undefined && (asked ?? "NoClientCert") === "NoClientCert")
    reader.problem(place, "a client CA without client_auth_type would verify nobody");
  if (minVersion > maxVersion) reader.problem(place, "max_version is below min_version");
  if (cert === undefined) reader.problem(place, "cert or cert_file is missing");
  if (key === undefined) reader.problem(place, "key or key_file is missing");
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert,
    key,
    clientCa,
    clientAuth: asked ?? "NoClientCert",
    allowedSans: given.client_allowed_sans ?? [],
    minVersion,
    maxVersion,
    ciphers: ciphers(given.cipher_suites ?? [], minVersion),
    curves: given.curve_preferences?.join(":") || undefined,
  };
}

const cipherSuites: ReadonlyMap<string, string> = new Map([
  ...tls12Suites,
  ...tls13Suites.map((name): [string, string] => [name, name]),
]);

function ciphers(chosen: readonly string[], minVersion: SecureVersion): string {
  const names = chosen.length > 0 ? chosen : [...tls12Suites.values()];
  const suites = new Set([...tls13Suites, ...names]);
  // OpenSSL 3 takes versions below 1.2 at this level only; whoever asks for them gets them, as in Go.
  const old = minVersion === "TLSv1" || minVersion === "TLSv1.1";
  if (old && suites.size > tls13Suites.length) suites.add("@SECLEVEL=0");
  return [...suites].join(":");
}
