import type { StreamBody } from "./response-body.ts";

/** PEM texts and checks of one TLS peer. Compared by identity: a new object means new connections. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface TransportRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | undefined;
  readonly tls: TlsSettings;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 0 turns the limit off. */
  readonly headersTimeoutMs: number;
  /** Milliseconds between two chunks; 0 turns the limit off. */
  readonly bodyTimeoutMs: number;
  /**
   * On a connection of its own, closed after the response, so that the next watch may reach another API server. There is no limit of
   * time between chunks then.
   */
  readonly alone?: boolean;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names; repeated headers are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: StreamBody;
}

export const CONNECT_TIMEOUT_MS = 10_000;
// Idle 30 s, then Linux sends 10 probes 1 s apart: a dead peer is noticed after 40 s.
export const TCP_KEEP_ALIVE_MS = 30_000;
