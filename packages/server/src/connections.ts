import { ExporterError } from "@kube-state-mosaic/errors";
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The connections of one server and their open answers: cuts answers that take too long and ends them all at shutdown. */
export class Connections {
  readonly #open = new Map<Socket, Set<ServerResponse>>();
  readonly #writeTimeout: number;
  #closing = false;

  /** Milliseconds an answer may take, from its request's headers to its end; 0 is no limit. */
  constructor(writeTimeout: number) {
    this.#writeTimeout = writeTimeout;
  }

  add(socket: Socket): void {
    this.#open.set(socket, new Set());
    socket.once("close", () => this.#open.delete(socket));
    if (this.#closing) socket.destroy();
  }

  /** A connection that another one takes the place of: what comes of a TLS handshake. */
  forget(socket: Socket): void {
    this.#open.delete(socket);
  }

  track(response: ServerResponse): void {
    const { socket } = response;
    const answers = socket === null ? undefined : this.#open.get(socket);
    if (socket === null || answers === undefined) return;
    answers.add(response);
    const timer = this.#cutAfter(response);
    if (this.#closing) response.setHeader("Connection", "close");
    response.once("close", () => {
      clearTimeout(timer);
      answers.delete(response);
      if (this.#closing && answers.size === 0) socket.destroySoon();
    });
  }

  /** See `Listener.close`. */
  async close(server: Server, graceMs: number): Promise<number> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const [socket, answers] of this.#open) {
      // Without an open answer a connection is between two requests, or has not brought its first one yet.
      if (answers.size === 0) socket.destroy();
      for (const answer of answers)
        if (!answer.headersSent) answer.setHeader("Connection", "close");
    }
    let cut = 0;
    const timer = setTimeout(() => (cut = this.#cutAll()), graceMs);
    await closed;
    clearTimeout(timer);
    return cut;
  }

  #cutAll(): number {
    let cut = 0;
    const error = new ExporterError("SHUTTING_DOWN", "the process ends; the answer is cut");
    for (const [socket, answers] of this.#open) {
      cut += answers.size;
      for (const answer of answers) answer.destroy(error);
      socket.destroy();
    }
    return cut;
  }

  #cutAfter(response: ServerResponse): NodeJS.Timeout | undefined {
    const limit = this.#writeTimeout;
    if (limit === 0) return undefined;
    const message = `the answer did not reach its end within ${limit / 1000} s; the connection is cut`;
    return setTimeout(() => response.destroy(new ExporterError("WRITE_TIMEOUT", message)), limit);
  }
}
