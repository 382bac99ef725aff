import { getRequestListener } from "@hono/node-server";
import { messageOf } from "@kube-state-mosaic/errors";
import type { Logger } from "@kube-state-mosaic/telemetry";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { isIPv6, type AddressInfo } from "node:net";
import type { App } from "./app.ts";
import { Connections } from "./connections.ts";
import { Gate } from "./gate.ts";
import { listenError, lacksIpv6, type AddressFlags } from "./listen-error.ts";
import { answerText } from "./plain-answer.ts";
import type { Security } from "./security.ts";
import { secureConnections } from "./tls-front.ts";

export interface ListenOptions {
  readonly app: App;
  /** `::` takes IPv4 as well, and gives way to `0.0.0.0` on a host without IPv6. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Flags an error message points at; without it `--host` and `--port`. */
  readonly flags?: AddressFlags;
  readonly timeouts?: Timeouts;
  /** TLS, authentication, headers and rate limit; without it everybody gets in. */
  readonly security?: Security;
  /** Is told of connections that could not be accepted. */
  readonly logger?: Logger;
}

/** Milliseconds; 0 is no limit. The defaults are the reference's. */
export interface Timeouts {
  /** From the connection (or the previous answer's end) to the end of a request's headers; 5 s. */
  readonly readHeader?: number;
  /** To the end of the request; 60 s. */
  readonly read?: number;
  /** From the end of the headers to the end of the answer; 60 s. */
  readonly write?: number;
  /** Of a kept connection between two requests; 5 min. */
  readonly idle?: number;
}

const defaultTimeouts = { readHeader: 5_000, read: 60_000, write: 60_000, idle: 300_000 };

/** The telemetry port's: only the headers have a limit. */
export const headerTimeoutOnly: Timeouts = { read: 0, write: 0, idle: 0 };

export interface Listener {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /**
   * Stops listening at once, closes connections without an open answer, waits up to `graceMs` for open answers and cuts the
   * rest. Resolves with the number of answers cut when all connections are closed.
   */
  close(graceMs: number): Promise<number>;
}

/**
 * Serves an application over HTTP/1.1, behind TLS where the web configuration has it. Throws `PORT_IN_USE`, `PORT_FORBIDDEN` or `ADDRESS_UNAVAILABLE`, naming the address and
 * the flag that changes it.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { app, port, security = { webConfig: undefined, authFilter: undefined } } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const connections = new Connections(timeouts.write);
  const handle = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      if (!(await gate.admits(incoming, outgoing))) return;
    } catch (error) {
      options.logger?.error("a request could not be checked; it is refused", {
        error: messageOf(error),
      });
      return answerText(outgoing, 500, "Internal Server Error");
    }
    await handle(incoming, outgoing);
  };
  const gate = new Gate(app, security);
  const webConfig = security.webConfig?.current.tls && security.webConfig;
  const create = () => {
    const server = createHttpServer(timeouts, connections, (incoming, outgoing) => {
      connections.track(outgoing);
      void answer(incoming, outgoing);
    });
    if (webConfig !== undefined) {
      const handshakeTimeout = timeouts.readHeader;
      const { logger } = options;
      secureConnections(server, { webConfig, connections, handshakeTimeout, logger });
    }
    return server;
  };
  const host = options.host.replace(/^\[(.*)\]$/, "$1");
  let server = create();
  try {
    await bind(server, host, port);
  } catch (error) {
    const retry = host === "::" && lacksIpv6(error);
    if (!retry) throw listenError(error, host, { port, ...options.flags });
    server = create();
    await bind(server, "0.0.0.0", port).catch((cause: unknown) => {
      throw listenError(cause, "0.0.0.0", { port, ...options.flags });
    });
  }
  // Without this listener a failed accept (no file descriptors left) would end the process.
  server.on("error", (error) =>
    options.logger?.warn("A connection could not be accepted; the others go on.", { error }),
  );
  const address = server.address() as AddressInfo;
  return {
    url: `${webConfig === undefined ? "http" : "https"}://${urlHost(address.address)}:${address.port}`,
    host: address.address,
    port: address.port,
    close: (graceMs) => connections.close(server, graceMs),
  };
}

function createHttpServer(
  timeouts: Required<Timeouts>,
  connections: Connections,
  listener: RequestListener,
): Server {
  const { readHeader, read, idle } = timeouts;
  const server = createServer(
    {
      // Node refuses a header limit above the limit of the whole request.
      headersTimeout: read > 0 ? Math.min(readHeader, read) : readHeader,
      requestTimeout: read,
      keepAliveTimeout: idle,
      connectionsCheckingInterval: 1_000,
    },
    listener,
  );
  server.on("connection", (socket) => connections.add(socket));
  return server;
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function urlHost(address: string): string {
  if (address === "::" || address === "0.0.0.0") return "localhost";
  return isIPv6(address) ? `[${address}]` : address;
}
