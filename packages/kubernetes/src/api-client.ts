import { ExporterError } from "@kube-state-mosaic/errors";
import { ApiError } from "./api-error.ts";
import { systemClock, type Clock } from "./clock.ts";
import type { Cluster } from "./cluster.ts";
import { excerpt, plainBody } from "./received-body.ts";
import type { StreamBody } from "./response-body.ts";
import {
  Transport,
  codeOf,
  failedOnReuse,
  type TransportRequest,
  type TransportResponse,
} from "./transport.ts";

/** Empty and undefined parameters are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestMeasure {
  readonly verb: string;
  /** Plural name as in the path: `pods`; `version` for `/version`. */
  readonly resource: string;
  /** The HTTP status, or the error code of a request that got no answer. */
  readonly code: string;
  /** Until the response's head. */
  readonly seconds: number;
}

export interface ApiClientOptions {
  readonly cluster: Cluster;
  /** Of the program, for the User-Agent. */
  readonly version?: string;
  readonly clock?: Clock;
  /** Ask for compressed lists: saves bytes, costs CPU on both sides. */
  readonly acceptGzip?: boolean;
  readonly onRequest?: (measure: RequestMeasure) => void;
  /** Called once for each distinct `Warning` header. */
  readonly onWarning?: (text: string) => void;
}

export interface StreamRequest {
  readonly path: string;
  readonly query?: Query;
  readonly accept: string;
  readonly signal?: AbortSignal;
  readonly verb?: "list" | "watch";
  /** Milliseconds until the response's head; default 75,000: the server gives up after 60 s. */
  readonly headersTimeoutMs?: number;
  /** Milliseconds without data; default 60,000; 0 is no limit. */
  readonly bodyTimeoutMs?: number;
}

export interface StreamResponse {
  readonly status: number;
  readonly contentType: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks under back-pressure. Leaving the loop early cuts the connection. Fails with `API_CONNECTION_LOST`. */
  readonly body: StreamBody;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly query?: Query;
  /** Default: `application/json`, for PATCH `application/merge-patch+json`. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

const HEADERS_TIMEOUT_MS = 75_000;
const BODY_TIMEOUT_MS = 60_000;
const MAX_WARNINGS = 1_000;

/**
 * Requests to one API server. Any answer outside 2xx is an ApiError; no answer is an ExporterError with `API_UNREACHABLE`.
 * A 401 is tried once more with fresh credentials; a GET that failed on a reused connection once more on another one.
 */
export class ApiClient implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #options: ApiClientOptions;
  readonly #transport: Transport;
  readonly #prefix: string;
  readonly #warnings = new Set<string>();

  constructor(options: ApiClientOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
    this.#clock = options.clock ?? systemClock;
    this.#transport = new Transport(options.cluster.server, options.cluster.proxy);
    this.#prefix = options.cluster.server.pathname.replace(/\/+$/, "");
  }

  /** The parsed answer of a GET; the caller vouches for its type. */
  async getJson<T = unknown>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return this.#json<T>({ verb: "get", method: "GET", path, query, signal });
  }

  /** Creates, updates, patches or deletes; answers what the server answers, parsed. */
  async send<T = unknown>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    options: SendOptions = {},
  ): Promise<T> {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    return this.#json<T>({
      verb: VERBS[method],
      method,
      path,
      query: options.query,
      signal: options.signal,
      ...(options.body !== undefined && {
        body: JSON.stringify(options.body),
        contentType: options.contentType ?? type,
      }),
    });
  }

  /** A GET whose body is read as it comes, for lists and watches. */
  async stream(request: StreamRequest): Promise<StreamResponse> {
    const verb = request.verb ?? "list";
    const response = await this.#exchange({
      verb,
      method: "GET",
      path: request.path,
      query: request.query,
      accept: request.accept,
      signal: request.signal,
      headersTimeoutMs: request.headersTimeoutMs,
      bodyTimeoutMs: request.bodyTimeoutMs,
      closeAfter: verb === "watch",
    });
    return {
      status: response.status,
      contentType: response.headers["content-type"] ?? "",
      headers: response.headers,
      body: response.body,
    };
  }

  /** Cuts everything that is still running. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #json<T>(call: Call): Promise<T> {
    const response = await this.#exchange(call);
    const chunks: Buffer[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    try {
      // The boundary where JSON becomes a type: the caller names what this path answers.
      return (text === "" ? undefined : JSON.parse(text)) as T;
    } catch (cause) {
      throw new ExporterError(
        "API_INVALID_JSON",
        `${call.method} ${call.path} answered ${response.status} with a body that is not JSON`,
        { cause },
      );
    }
  }

  async #exchange(call: Call): Promise<TransportResponse> {
    const first = await this.#attempt(call);
    if (first.status !== 401) return this.#successful(call, first);
    await excerpt(first.body);
    this.#cluster.refused();
    return this.#successful(call, await this.#attempt(call));
  }

  async #successful(call: Call, response: TransportResponse): Promise<TransportResponse> {
    this.#warn(response.headers["warning"]);
    const body = plainBody(response);
    if (response.status >= 200 && response.status < 300) return { ...response, body };
    throw new ApiError(`${call.method} ${call.path}`, {
      httpStatus: response.status,
      body: await excerpt(body),
      retryAfter: response.headers["retry-after"],
    });
  }

  async #attempt(call: Call): Promise<TransportResponse> {
    const { headers, tls } = await this.#cluster.authenticate();
    const request: TransportRequest = {
      method: call.method,
      path: `${this.#prefix}${call.path}${queryString(call.query)}`,
      headers: { ...this.#headers(call), ...headers },
      body: call.body,
      tls,
      signal: call.signal,
      headersTimeoutMs: call.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
      bodyTimeoutMs: call.bodyTimeoutMs ?? BODY_TIMEOUT_MS,
      closeAfter: call.closeAfter ?? false,
    };
    const started = this.#clock.now();
    try {
      const response = await this.#onceMore(request);
      this.#measure(call, { code: String(response.status), started });
      return response;
    } catch (error) {
      this.#measure(call, { code: codeOf(error) || "ABORTED", started });
      throw error;
    }
  }

  /** The server may close an idle connection at the very moment it is used again: that says nothing about the request. */
  async #onceMore(request: TransportRequest): Promise<TransportResponse> {
    try {
      return await this.#transport.request(request);
    } catch (error) {
      if (request.method !== "GET" || !failedOnReuse(error)) throw error;
      return this.#transport.request(request);
    }
  }

  #headers(call: Call): Record<string, string> {
    return {
      accept: call.accept ?? "application/json",
      "user-agent": `kube-state-mosaic/${this.#options.version ?? "0.0.0"}`,
      ...(call.contentType !== undefined && { "content-type": call.contentType }),
      ...(this.#options.acceptGzip === true && { "accept-encoding": "gzip" }),
    };
  }

  #measure(call: Call, { code, started }: { code: string; started: number }): void {
    const seconds = (this.#clock.now() - started) / 1000;
    this.#options.onRequest?.({ verb: call.verb, resource: resourceOf(call.path), code, seconds });
  }

  #warn(text: string | undefined): void {
    if (text === undefined || this.#warnings.has(text) || this.#warnings.size >= MAX_WARNINGS)
      return;
    this.#warnings.add(text);
    this.#options.onWarning?.(text);
  }
}

interface Call {
  readonly verb: string;
  readonly method: string;
  readonly path: string;
  readonly query?: Query | undefined;
  readonly accept?: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  readonly headersTimeoutMs?: number | undefined;
  readonly bodyTimeoutMs?: number | undefined;
  readonly closeAfter?: boolean;
}

const VERBS = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;

/** `/api/v1/namespaces/x/pods/y` is `pods`; `/api/v1/namespaces/x` is `namespaces`; sub-resources count as their resource. */
function resourceOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  const rest = parts.slice(parts[0] === "api" ? 2 : parts[0] === "apis" ? 3 : 0);
  const scoped = rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  return scoped[0] ?? "";
}

function queryString(query: Query | undefined): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== "")
      parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}
