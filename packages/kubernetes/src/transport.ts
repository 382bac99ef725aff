import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { ResponseBody, type StreamBody } from "./response-body.ts";

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
  /** Closes the connection after the response, so that the next watch may reach another API server. */
  readonly closeAfter?: boolean;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names; repeated headers are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: StreamBody;
}

const CONNECT_TIMEOUT_MS = 10_000;
// Idle 30 s, then Linux sends 10 probes 1 s apart: a dead peer is noticed after 40 s.
const TCP_KEEP_ALIVE_MS = 30_000;
// The API server closes idle connections after 90 s.
const IDLE_CONNECTION_MS = 30_000;

/**
 * HTTP/1.1 connections to one API server. HTTP/2 stays off: undici never acts on a missing ping, so a dead peer would go unnoticed.
 * Failures are ExporterErrors: `API_UNREACHABLE` before the response, `API_CONNECTION_LOST` inside the body.
 */
export class Transport implements AsyncDisposable {
  readonly #origin: string;
  readonly #proxy: string | undefined;
  readonly #retired = new Set<Dispatcher>();
  #current: { readonly tls: TlsSettings; readonly dispatcher: Dispatcher } | undefined;
  #closed = false;

  constructor(server: URL, proxy?: string) {
    this.#origin = server.origin;
    this.#proxy = proxy;
  }

  /** Resolves with the response's head, whatever its status. An aborted request rejects with the signal's reason. */
  request(request: TransportRequest): Promise<TransportResponse> {
    const { signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed)
      return Promise.reject(new ExporterError("API_UNREACHABLE", "the API client is closed"));
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, { resolve, reject });
      this.#dispatcher(request.tls).dispatch(
        {
          origin: this.#origin,
          path: request.path,
          method: request.method,
          headers: request.headers as Record<string, string | string[]>,
          body: request.body ?? null,
          headersTimeout: request.headersTimeoutMs,
          bodyTimeout: request.bodyTimeoutMs,
          reset: request.closeAfter ?? false,
        },
        exchange,
      );
    });
  }

  /** Cuts everything that is still running. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#retired, ...(this.#current ? [this.#current.dispatcher] : [])];
    this.#current = undefined;
    this.#retired.clear();
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #dispatcher(tls: TlsSettings): Dispatcher {
    const current = this.#current;
    if (current?.tls === tls) return current.dispatcher;
    const dispatcher = this.#proxy ? proxyAgent(this.#proxy, tls) : agent(tls);
    this.#current = { tls, dispatcher };
    if (current !== undefined) this.#retire(current, tls);
    return dispatcher;
  }

  /** Watches of an old CA may run out (at most 10 minutes); those of an old client certificate are cut. */
  #retire(old: { tls: TlsSettings; dispatcher: Dispatcher }, next: TlsSettings): void {
    const ending = old.tls.cert === next.cert ? old.dispatcher.close() : old.dispatcher.destroy();
    this.#retired.add(old.dispatcher);
    void ending.catch(() => undefined).then(() => this.#retired.delete(old.dispatcher));
  }
}

function agent(tls: TlsSettings): Agent {
  return new Agent({ ...POOL, connect: { ...tls, ...SOCKET, timeout: CONNECT_TIMEOUT_MS } });
}

/** ProxyAgent ignores `connect` for the tunnel: TLS and keep-alive have to be repeated for both hops. */
function proxyAgent(uri: string, tls: TlsSettings): ProxyAgent {
  return new ProxyAgent({
    ...POOL,
    uri,
    requestTls: { ...tls, ...SOCKET },
    proxyTls: SOCKET,
  });
}

const POOL = {
  allowH2: false,
  keepAliveTimeout: IDLE_CONNECTION_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
} as const;

const SOCKET = {
  keepAlive: true,
  keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  // While a body rests, its bytes are to stay in the kernel: a stream with room would go on reading each of them as it comes.
  highWaterMark: 1,
} as const;

interface Settle {
  readonly resolve: (response: TransportResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** One request and its response, as undici reports them. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #settle: Settle;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ResponseBody | undefined;

  constructor(request: TransportRequest, settle: Settle) {
    this.#request = request;
    this.#settle = settle;
    request.signal?.addEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#request.signal?.reason;
    // While a connection is being made there is nothing to abort yet: the caller must not wait for it.
    if (this.#controller === undefined) this.#settle.reject(reason);
    else this.#controller.abort(reason instanceof Error ? reason : new Error(String(reason)));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#request.signal?.aborted) this.#onAbort();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: NodeJS.Dict<string | string[]>,
  ): void {
    if (status < 200) return;
    this.#body = new ResponseBody({
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abort: (reason) => controller.abort(reason),
    });
    this.#settle.resolve({ status, headers: joined(headers), body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#detach();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#detach();
    const { signal, method, path } = this.#request;
    const aborted = signal?.aborted === true;
    if (this.#body !== undefined)
      return this.#body.fail(
        aborted ? signal.reason : failure("API_CONNECTION_LOST", `${method} ${path}`, error),
      );
    this.#settle.reject(
      aborted ? signal.reason : failure("API_UNREACHABLE", `${method} ${path}`, error),
    );
  }

  #detach(): void {
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }
}

function failure(code: string, request: string, cause: Error): ExporterError {
  const [path = request] = request.split("?");
  const what = code === "API_UNREACHABLE" ? "got no answer" : "lost its connection";
  return new ExporterError(code, `${path} ${what}: ${messageOf(cause) || codeOf(cause)}`, {
    cause,
    context: { errorCode: codeOf(cause) },
  });
}

/** The system's or undici's code of a failure; that of one attempt when several addresses were tried. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof ExporterError) return codeOf(error.cause);
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

function joined(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return result;
}

/** Whether a request failed on a connection that had served others before, without a byte of an answer. */
export function failedOnReuse(error: unknown): boolean {
  if (!(error instanceof ExporterError) || error.code !== "API_UNREACHABLE") return false;
  const code = codeOf(error);
  if (code === "ECONNRESET" || code === "EPIPE") return true;
  const cause: unknown = error.cause;
  // undici tells how many bytes the connection had brought before: some, if it had served another request.
  const socket = cause instanceof Error && "socket" in cause ? cause.socket : undefined;
  const read = isRecord(socket) ? socket["bytesRead"] : undefined;
  return code === "UND_ERR_SOCKET" && typeof read === "number" && read > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
