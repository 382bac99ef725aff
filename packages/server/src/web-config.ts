import { ExporterError } from "@kube-state-mosaic/errors";
import { readRateLimit, type RateLimit } from "./rate-limit.ts";
import { readTls, type TlsSettings } from "./tls-settings.ts";
import { YamlReader, type Place } from "./yaml-section.ts";

/** What a web configuration file says, in the format of the Prometheus exporter toolkit. */
export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Set on every answer. */
  readonly headers: ReadonlyMap<string, string>;
  /** Names and bcrypt hashes; none: no authentication. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
}

/**
 * Parses and checks a web configuration; file names in it are relative to the file's folder. Throws `WEB_CONFIG_INVALID`
 * with all problems, each with line, column and key.
 */
export function parseWebConfig(text: string, file: string): WebConfig {
  const reader = new YamlReader(text);
  const headers = new Map<string, string>();
  const users = new Map<string, string>();
  // A file that is no YAML has no keys worth complaining about.
  const sections = reader.problems.length > 0 ? {} : readSections();
  if (reader.problems.length > 0)
    throw new ExporterError(
      "WEB_CONFIG_INVALID",
      `the web configuration ${file} cannot be used: ${reader.problems.join("; ")}`,
      { context: { file } },
    );
  return { tls: undefined, rateLimit: undefined, ...sections, headers, users };

  function readSections(): { tls?: TlsSettings; rateLimit?: RateLimit } {
    const given = reader.section(reader.root, {
      tls_server_config: (place) => readTls(reader, place, file),
      http_server_config: (place) =>
        reader.section(place, {
          http2: (value) => reader.boolean(value),
          headers: (value) =>
            reader.entries(value, (name, entry) => {
              const header = readHeader(reader, { ...entry, name });
              if (header !== undefined) headers.set(name, header);
            }),
        }),
      basic_auth_users: (place) =>
        reader.entries(place, (name, entry) => {
          const hash = readHash(reader, entry);
          if (hash !== undefined) users.set(name, hash);
        }),
      rate_limit: (place) => readRateLimit(reader, place),
    });
    const { tls_server_config: tls, rate_limit: rateLimit } = given;
    return { ...(tls && { tls }), ...(rateLimit && { rateLimit }) };
  }
}

/** Undefined: any value. */
const allowedHeaders: ReadonlyMap<string, readonly string[] | undefined> = new Map([
  ["Content-Security-Policy", undefined],
  ["Strict-Transport-Security", undefined],
  ["X-XSS-Protection", undefined],
  ["X-Frame-Options", ["deny", "sameorigin"]],
  ["X-Content-Type-Options", ["nosniff"]],
]);

function readHeader(reader: YamlReader, place: Place & { name: string }): string | undefined {
  if (!allowedHeaders.has(place.name)) {
    const known = [...allowedHeaders.keys()].join(", ");
    return reader.problem(place, `this header cannot be set; those that can are ${known}`);
  }
  const value = reader.text(place) ?? "";
  const allowed = allowedHeaders.get(place.name);
  if (allowed !== undefined && !allowed.includes(value))
    return reader.problem(place, `"${value}" is not ${allowed.join(" or ")}`);
  if (!/^[\t\x20-\x7e]*$/.test(value))
    return reader.problem(place, "has characters that cannot stand in a header");
  return value;
}

/** The hash itself is not repeated in a problem: messages end in logs. */
function readHash(reader: YamlReader, place: Place): string | undefined {
  const text = reader.text(place) ?? "";
  if (!/^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(text))
    return reader.problem(place, "is not a bcrypt hash");
  const cost = Number(text.slice(4, 6));
  if (cost < 4 || cost > 31) return reader.problem(place, "has a bcrypt cost outside 4 to 31");
  return text;
}
