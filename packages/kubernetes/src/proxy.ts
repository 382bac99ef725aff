import { BlockList, isIP } from "node:net";

/** Environment variables; a name may be missing. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for one server by Go's rules: HTTPS_PROXY for https, HTTP_PROXY for http (either case), never for loopback,
 * and not where NO_PROXY names the host, a parent domain, its address, a CIDR range around it, or `*`.
 */
export function proxyFromEnvironment(server: URL, environment: Environment): string | undefined {
  const name = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = environment[name] || environment[name.toLowerCase()];
  if (!proxy) return undefined;
  const host = server.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (host === "localhost" || isLoopback(host)) return undefined;
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  const exceptions = environment["NO_PROXY"] || environment["no_proxy"] || "";
  if (exceptions.split(",").some((entry) => excludes(entry, { host, port }))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function excludes(text: string, { host, port }: { host: string; port: string }): boolean {
  const entry = text.trim().toLowerCase();
  if (entry === "") return false;
  if (entry === "*") return true;
  if (entry.includes("/")) return inRange(entry, host);
  const [, name = entry, wantedPort] = /^(\[.*\]|[^:]*|.*:.*:.*):([0-9]+)$/.exec(entry) ?? [];
  if (isIP(entry) !== 0) return entry === host;
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const bare = name.replace(/^\[|\]$/g, "").replace(/^\*/, "");
  if (bare.startsWith(".")) return host.endsWith(bare);
  return host === bare || (isIP(host) === 0 && host.endsWith(`.${bare}`));
}

function inRange(entry: string, host: string): boolean {
  const [network = "", prefix = ""] = entry.split("/");
  const family = isIP(host);
  if (family === 0 || family !== isIP(network) || !/^[0-9]{1,3}$/.test(prefix)) return false;
  const bits = Number(prefix);
  if (bits > (family === 4 ? 32 : 128)) return false;
  const range = new BlockList();
  range.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
  return range.check(host, family === 4 ? "ipv4" : "ipv6");
}

function isLoopback(host: string): boolean {
  return host === "::1" || inRange("127.0.0.0/8", host);
}
