import type { TlsSettings } from "./transport.ts";

/** What one request needs to be let in. */
export interface Authentication {
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The same object as long as nothing in it has changed. */
  readonly tls: TlsSettings;
}

/** An API server and the way to it. */
export interface Cluster {
  /** Its path, if any, is a prefix of every request. */
  readonly server: URL;
  /** URL of the HTTP or SOCKS5 proxy to go through. */
  readonly proxy: string | undefined;
  readonly origin: "in-cluster" | "kubeconfig" | "url";
  /** Called before each request; re-reads files and runs plugins only when what they gave is too old. */
  authenticate(): Promise<Authentication>;
  /** The server answered 401 to what `authenticate` gave: read it again next time. */
  refused(): void;
}
