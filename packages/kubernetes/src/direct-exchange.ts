import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { connectionFailure } from "./connection-failure.ts";
import { GatheredBody } from "./gathered-body.ts";
import { ResponseParser, type ResponseHead } from "./http-response.ts";
import {
  CONNECT_TIMEOUT_MS,
  TCP_KEEP_ALIVE_MS,
  type TransportRequest,
  type TransportResponse,
} from "./transport-request.ts";

// The plain text of one TLS record at most; of a connection without TLS as much as is there.
const RECORD_BYTES = 16 * 1024;
const READ_BYTES = 64 * 1024;

/**
 * One GET on a connection of its own, closed with it: for watches, of which each event is a read of its own.
 * Between the socket and the body there is no stream: bytes are read into one buffer and taken apart there, which costs a third
 * of what undici and Node's streams do, and the connection can be left alone at any moment.
 */
export class DirectExchange {
  readonly #request: TransportRequest;
  readonly #host: string;
  readonly #socket: Socket;
  readonly #answer = Promise.withResolvers<TransportResponse>();
  readonly #parser: ResponseParser;
  #timer: NodeJS.Timeout | undefined;
  #body: GatheredBody | undefined;
  #over = false;
  #onClose: () => void = () => undefined;

  constructor(origin: URL, request: TransportRequest) {
    this.#request = request;
    this.#host = origin.host;
    this.#parser = new ResponseParser({
      head: (head) => this.#begin(head),
      data: (bytes, start, end) => this.#body?.push(bytes, start, end),
      end: () => this.#complete(),
    });
    this.#socket = this.#open(origin);
    this.#limit(CONNECT_TIMEOUT_MS, "the connection was not made in time");
    this.#socket.on("error", (error) => this.fail(error));
    this.#socket.on("end", this.#ended);
    this.#socket.on("close", this.#ended);
    request.signal?.addEventListener("abort", this.#aborted);
  }

  /** Resolves with the head. Rejects with `API_UNREACHABLE`, or the signal's reason. */
  get response(): Promise<TransportResponse> {
    return this.#answer.promise;
  }

  /** Called once, when the connection is over. */
  onClose(run: () => void): void {
    this.#onClose = run;
  }

  /** Cuts it. */
  fail(cause: Error): void {
    const { method, path, signal } = this.#request;
    const request = `${method} ${path}`;
    const error = (code: "API_UNREACHABLE" | "API_CONNECTION_LOST"): unknown =>
      signal?.aborted === true ? signal.reason : connectionFailure(code, request, cause);
    if (!this.#close()) return;
    if (this.#body === undefined) this.#answer.reject(error("API_UNREACHABLE"));
    else this.#body.fail(error("API_CONNECTION_LOST"));
  }

  #open(origin: URL): Socket {
    const { tls } = this.#request;
    const secure = origin.protocol === "https:";
    const host = origin.hostname.replace(/^\[|\]$/g, "");
    const buffer = Buffer.allocUnsafeSlow(secure ? RECORD_BYTES : READ_BYTES);
    const socket = {
      host,
      port: Number(origin.port) || (secure ? 443 : 80),
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      noDelay: true,
      onread: { buffer, callback: (length: number) => this.#read(buffer, length) },
    };
    if (!secure) return connectTcp(socket, this.#send);
    const name = isIP(host) === 0 ? { servername: host } : {};
    return connectTls({ ...socket, ...name, ALPNProtocols: ["http/1.1"], ...tls }, this.#send);
  }

  readonly #send = (): void => {
    const { headersTimeoutMs } = this.#request;
    this.#limit(headersTimeoutMs, "the head of the answer did not come in time");
    try {
      this.#socket.write(this.#head());
    } catch (error) {
      this.fail(asError(error));
    }
  };

  #head(): string {
    const { method, path, headers } = this.#request;
    const lines = [`${method} ${path} HTTP/1.1`, `host: ${this.#host}`, "connection: close"];
    for (const [name, value] of Object.entries(headers))
      for (const each of typeof value === "string" ? [value] : value)
        lines.push(`${name}: ${checked(each)}`);
    return `${lines.join("\r\n")}\r\n\r\n`;
  }

  #read(buffer: Buffer, length: number): boolean {
    if (this.#over) return false;
    try {
      this.#parser.push(buffer, length);
    } catch (error) {
      this.fail(asError(error));
    }
    return true;
  }

  #begin({ status, headers }: ResponseHead): void {
    clearTimeout(this.#timer);
    this.#body = new GatheredBody({
      pause: () => this.#socket.pause(),
      // Starts reading at once; `resume` would first pass through the stream that is not used.
      resume: () => void this.#socket.read(0),
      abort: (reason) => this.fail(reason),
    });
    this.#answer.resolve({ status, headers, body: this.#body });
  }

  readonly #ended = (): void => {
    if (this.#over) return;
    if (this.#parser.complete && this.#body !== undefined) this.#complete();
    else this.fail(coded("ECONNRESET", "the server closed the connection"));
  };

  #complete(): void {
    if (this.#close()) this.#body?.end();
  }

  readonly #aborted = (): void => {
    this.fail(asError(this.#request.signal?.reason));
  };

  #limit(ms: number, text: string): void {
    clearTimeout(this.#timer);
    if (ms > 0) this.#timer = setTimeout(() => this.fail(coded("ETIMEDOUT", text)), ms);
  }

  /** False if it was closed before. */
  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener("abort", this.#aborted);
    this.#socket.destroy();
    this.#onClose();
    return true;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** A line break in a value would begin a header of its own. */
function checked(value: string): string {
  if (/[\0\r\n]/.test(value)) throw new Error("the value of a header holds a line break");
  return value;
}
