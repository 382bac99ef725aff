import { readFileSync } from "node:fs";
import { type IncomingMessage, type Server, createServer } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { Connection } from "@kube-state-mosaic/control-plane";

/** One request that came through, in order of arrival. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly accept: string;
  status: number;
  bytes: number;
  /** Which of the needles its response held. */
  readonly found: Set<string>;
}

export interface RecordingProxyOptions {
  /** Texts to look for; default: none. */
  readonly needles?: readonly string[];
  /** What is asked of the API server instead; default: the same. */
  readonly rewriteAccept?: (accept: string) => string;
}

/**
 * A plain HTTP front of the API server with the administrator's rights, which looks at every byte that goes to the client. Responses are never compressed on their way.
 * A needle is found wherever it stands, also across two chunks.
 */
export class RecordingProxy implements AsyncDisposable {
  /** For `--apiserver`. */
  readonly url: string;
  readonly requests: Recorded[] = [];
  readonly #server: Server;
  readonly #agent: Agent;

  private constructor(server: Server, agent: Agent) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
    this.#agent = agent;
  }

  static async start(
    connection: Connection,
    { needles = [], rewriteAccept = (accept) => accept }: RecordingProxyOptions = {},
  ): Promise<RecordingProxy> {
    const agent = new Agent({ keepAlive: true, ca: readFileSync(connection.caFile) });
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new RecordingProxy(server, agent);
    server.on("request", (incoming: IncomingMessage, outgoing) => {
      const { method = "GET", url = "/" } = incoming;
      const accept = rewriteAccept(incoming.headers.accept ?? "application/json");
      const record: Recorded = {
        method,
        url,
        accept,
        status: 0,
        bytes: 0,
        found: new Set(),
      };
      proxy.requests.push(record);
      const { "accept-encoding": _compressed, host: _host, ...headers } = incoming.headers;
      const forwarded = httpsRequest(
        connection.url + url,
        {
          method,
          agent,
          headers: { ...headers, accept, authorization: `Bearer ${connection.token}` },
        },
        (response) => {
          record.status = response.statusCode ?? 0;
          outgoing.writeHead(record.status, response.headers);
          outgoing.flushHeaders();
          const look = finder(needles, record.found);
          response.on("data", (chunk: Buffer) => {
            record.bytes += chunk.length;
            look(chunk);
          });
          response.pipe(outgoing);
          response.once("error", () => outgoing.destroy());
        },
      );
      forwarded.once("error", () => outgoing.destroy());
      outgoing.once("close", () => forwarded.destroy());
      incoming.pipe(forwarded);
    });
    return proxy;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#agent.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Adds to `found` each needle that the chunks given to it hold. */
function finder(needles: readonly string[], found: Set<string>): (chunk: Buffer) => void {
  const overlap = Math.max(1, ...needles.map((needle) => needle.length)) - 1;
  let before: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const window = Buffer.concat([before, chunk]);
    for (const needle of needles) if (window.includes(needle)) found.add(needle);
    before = window.subarray(Math.max(0, window.length - overlap));
  };
}
