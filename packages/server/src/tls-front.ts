import { messageOf } from "@kube-state-mosaic/errors";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { createServer, type Server as TlsServer } from "node:tls";
import { clientProblem } from "./client-certificate.ts";
import type { Connections } from "./connections.ts";
import type { LoadedWebConfig, WebConfigFile } from "./web-config-file.ts";

export interface TlsFrontOptions {
  readonly webConfig: WebConfigFile;
  readonly connections: Connections;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
  readonly logger?: Logger | undefined;
}

/**
 * Puts TLS in front of an HTTP server: it still listens, and is given each connection when its handshake is through. The
 * files are looked at before each handshake; connections made with an earlier certificate go on.
 */
export function secureConnections(http: Server, options: TlsFrontOptions): void {
  const { webConfig, connections, handshakeTimeout, logger } = options;
  const accept = http.listeners("connection");
  http.removeAllListeners("connection");
  /** By the client's address: what comes of a handshake does not say of which connection. */
  const waiting = new Map<string, Socket>();
  let front: Front | undefined;

  http.on("connection", (raw: Socket) => {
    connections.add(raw);
    // One that breaks before its handshake is nobody's business.
    raw.on("error", () => undefined);
    void handshake(raw);
  });

  async function handshake(raw: Socket): Promise<void> {
    await webConfig.refresh();
    if (raw.destroyed) return;
    const config = webConfig.current;
    if (front?.config !== config) front = { config, server: serverFor(config) };
    const peer = peerOf(raw);
    waiting.set(peer, raw);
    raw.once("close", () => waiting.delete(peer));
    front.server.emit("connection", raw);
  }

  function serverFor(config: LoadedWebConfig): TlsServer {
    const server = createServer({ ...config.tlsOptions, handshakeTimeout });
    server.on("tlsClientError", (error, socket) => {
      logger?.debug("a TLS handshake failed", { error: messageOf(error) });
      socket.destroy();
    });
    server.on("secureConnection", (socket) => {
      const raw = waiting.get(peerOf(socket));
      if (raw !== undefined) connections.forget(raw);
      const problem = config.tls && clientProblem(socket, config.tls);
      if (problem === undefined) return accept.forEach((listener) => listener.call(http, socket));
      logger?.debug("a TLS client is refused", { reason: problem });
      socket.destroy();
    });
    return server;
  }
}

interface Front {
  readonly config: LoadedWebConfig;
  readonly server: TlsServer;
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
