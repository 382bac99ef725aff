import { ExporterError } from "@kube-state-mosaic/errors";

/** One Redis, or the Sentinels that know which one it is. */
export type RedisAddress =
  | { readonly kind: "direct"; readonly url: string }
  | {
      readonly kind: "sentinel";
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      /** The name the Sentinels give to the master. */
      readonly master: string;
      readonly username: string | undefined;
      readonly password: string | undefined;
      readonly database: number;
    };

const SENTINEL = /^redis-sentinel:\/\/(?:([^@/]*)@)?([^/]+)\/([^/]+)(?:\/([0-9]+))?$/;
const SENTINEL_PORT = 26_379;

/**
 * Reads `redis://[user:password@]host[:port][/database]`, the same with `rediss` for TLS, and
 * `redis-sentinel://[user:password@]host[:port],host[:port]…/master[/database]`. Throws `REDIS_ADDRESS` on anything else.
 */
export function parseRedisAddress(text: string): RedisAddress {
  const sentinel = SENTINEL.exec(text);
  if (sentinel === null) return direct(text);
  const [, credentials, hosts = "", master = "", database = "0"] = sentinel;
  const [username, password] = (credentials ?? "").split(":", 2).map(decodeURIComponent);
  return {
    kind: "sentinel",
    sentinels: hosts.split(",").map(sentinelOf),
    master: decodeURIComponent(master),
    username: username || undefined,
    password: password || undefined,
    database: Number(database),
  };
}

function direct(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable = url?.protocol === "redis:" || url?.protocol === "rediss:";
  // Addresses hold passwords: none is repeated.
  if (!usable || url.hostname === "")
    throw invalid(
      "it begins with none of redis://, rediss:// and redis-sentinel://, or names no host",
    );
  if (!/^(\/[0-9]*)?$/.test(url.pathname))
    throw invalid("its path is not the number of a database");
  return { kind: "direct", url: text };
}

function sentinelOf(text: string): { host: string; port: number } {
  const url = URL.canParse(`redis://${text}`) ? new URL(`redis://${text}`) : undefined;
  if (url === undefined || url.hostname === "")
    throw invalid("a Sentinel is not host or host:port");
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || SENTINEL_PORT) };
}

function invalid(reason: string): ExporterError {
  return new ExporterError(
    "REDIS_ADDRESS",
    `the address of the Redis registry is not usable: ${reason}`,
  );
}
