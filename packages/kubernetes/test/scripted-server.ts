import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from "node:http";
import {
  createServer as createHttpsServer,
  type Server as HttpsServer,
  type ServerOptions,
} from "node:https";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import { until } from "./until.ts";

/** A loopback server that a test plays itself: it takes the next request with `next()` and answers by hand. */
export class ScriptedServer implements AsyncDisposable {
  readonly url: URL;
  /** Every request so far, also those not taken yet. */
  readonly seen: Exchange[] = [];
  readonly #server: HttpServer | HttpsServer;
  #taken = 0;

  static async start(tls?: ServerOptions): Promise<ScriptedServer> {
    const server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port } = server.address() as AddressInfo;
    const url = new URL(`${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`);
    return new ScriptedServer(server, url);
  }

  private constructor(server: HttpServer | HttpsServer, url: URL) {
    this.#server = server;
    this.url = url;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        this.seen.push(new Exchange(request, { response, body: Buffer.concat(chunks).toString() })),
      );
    });
  }

  /** The next request in order of arrival. */
  async next(): Promise<Exchange> {
    const index = this.#taken++;
    await until(() => this.seen[index] !== undefined, `request ${index + 1}`);
    return this.seen[index] as Exchange;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** One request, and the means to answer it well or badly. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Tells connections apart. */
  readonly clientPort: number;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(
    request: IncomingMessage,
    { response, body }: { response: ServerResponse; body: string },
  ) {
    const url = new URL(request.url ?? "", "http://server");
    this.method = request.method ?? "";
    this.path = url.pathname;
    this.query = Object.fromEntries(url.searchParams);
    this.headers = request.headers;
    this.body = body;
    this.clientPort = request.socket.remotePort ?? 0;
    this.#request = request;
    this.#response = response;
  }

  /** Common name of the client's certificate. */
  get clientName(): string {
    const { socket } = this.#request;
    return socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : "";
  }

  /** The client went away or everything was sent. */
  get closed(): boolean {
    return this.#response.closed || this.#request.socket.destroyed;
  }

  reply(status: number, body: string | Buffer = "", headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, headers);
    this.#response.end(body);
  }

  json(body: unknown, status: number = 200): void {
    this.reply(status, JSON.stringify(body), { "content-type": "application/json" });
  }

  open(contentType: string, headers: Record<string, string> = {}): void {
    this.#response.writeHead(200, { "content-type": contentType, ...headers });
    this.#response.flushHeaders();
  }

  /** The head of an answer that does not end. */
  start(status: number): void {
    this.#response.writeHead(status);
    this.#response.flushHeaders();
  }

  write(...bytes: (string | Buffer)[]): void {
    for (const each of bytes) this.#response.write(each);
  }

  /** Bytes taken by the client or by the kernel's buffers are not pending any more. */
  get pendingBytes(): number {
    return this.#response.writableLength;
  }

  end(): void {
    this.#response.end();
  }

  reset(): void {
    this.#request.socket.resetAndDestroy();
  }
}
