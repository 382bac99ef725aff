import { ExporterError } from "@kube-state-mosaic/errors";
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { connectionFailure } from "./connection-failure.ts";
import { DirectExchange } from "./direct-exchange.ts";
import { ResponseBody } from "./response-body.ts";
import {
  CONNECT_TIMEOUT_MS,
  TCP_KEEP_ALIVE_MS,
  type TlsSettings,
  type TransportRequest,
  type TransportResponse,
} from "./transport-request.ts";

// The API server closes idle connections after 90 s.
const IDLE_CONNECTION_MS = 30_000;

/**
 * HTTP/1.1 connections to one API server. HTTP/2 stays off: undici never acts on a missing ping, so a dead peer would go unnoticed.
 * Failures are ExporterErrors: `API_UNREACHABLE` before the response, `API_CONNECTION_LOST` inside the body.
 */
export class Transport implements AsyncDisposable {
  readonly #server: URL;
  readonly #proxy: string | undefined;
  readonly #retired = new Set<Dispatcher>();
  readonly #direct = new Map<DirectExchange, TlsSettings>();
  #current: { readonly tls: TlsSettings; readonly dispatcher: Dispatcher } | undefined;
  #closed = false;

  constructor(server: URL, proxy?: string) {
    this.#server = server;
    this.#proxy = proxy;
  }

  /** Resolves with the response's head, whatever its status. An aborted request rejects with the signal's reason. */
  request(request: TransportRequest): Promise<TransportResponse> {
    const { signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed)
      return Promise.reject(new ExporterError("API_UNREACHABLE", "the API client is closed"));
    if (request.alone === true && this.#proxy === undefined) return this.#alone(request);
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, { resolve, reject });
      this.#dispatcher(request.tls).dispatch(
        {
          origin: this.#server.origin,
          path: request.path,
          method: request.method,
          headers: request.headers as Record<string, string | string[]>,
          body: request.body ?? null,
          headersTimeout: request.headersTimeoutMs,
          bodyTimeout: request.bodyTimeoutMs,
          reset: request.alone ?? false,
        },
        exchange,
      );
    });
  }

  /** Cuts everything that is still running. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const exchange of this.#direct.keys())
      exchange.fail(new Error("the API client is closed"));
    const all = [...this.#retired, ...(this.#current ? [this.#current.dispatcher] : [])];
    this.#current = undefined;
    this.#retired.clear();
    await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #alone(request: TransportRequest): Promise<TransportResponse> {
    // Others make way for new TLS settings, as before any request.
    this.#dispatcher(request.tls);
    let exchange: DirectExchange;
    try {
      exchange = new DirectExchange(this.#server, request);
    } catch (error) {
      // Certificates are read when a connection is begun.
      const cause = error instanceof Error ? error : new Error(String(error));
      throw connectionFailure("API_UNREACHABLE", `${request.method} ${request.path}`, cause);
    }
    this.#direct.set(exchange, request.tls);
    exchange.onClose(() => this.#direct.delete(exchange));
    return exchange.response;
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
    if (old.tls.cert !== next.cert)
      for (const [exchange, tls] of this.#direct)
        if (tls.cert !== next.cert) exchange.fail(new Error("the client certificate has changed"));
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
        aborted
          ? signal.reason
          : connectionFailure("API_CONNECTION_LOST", `${method} ${path}`, error),
      );
    this.#settle.reject(
      aborted ? signal.reason : connectionFailure("API_UNREACHABLE", `${method} ${path}`, error),
    );
  }

  #detach(): void {
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }
}

function joined(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined)
      result[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  return result;
}
