import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";

/** Whether a real Redis can be started; in CI a missing one is an error. */
export function hasRedis(): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, "redis-server")))) return true;
  if (process.env["CI"] === "true") throw new Error("CI has no redis-server for the tests");
  return false;
}

/** A Redis process on a free loopback port that writes nothing but its own folder. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  /** `lines` are of its configuration; with `sentinel` it is a Sentinel. */
  static async start(
    lines: readonly string[] = [],
    sentinel: boolean = false,
  ): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "redis-"));
    const port = await freePort();
    const file = join(folder, "redis.conf");
    const common = [`port ${port}`, "bind 127.0.0.1", `dir ${folder}`];
    const own = sentinel ? [] : ['save ""', "appendonly no", "repl-diskless-sync-delay 0"];
    await writeFile(file, [...common, ...own, ...lines, ""].join("\n"));
    const child = spawn("redis-server", [file, ...(sentinel ? ["--sentinel"] : [])], {
      stdio: "ignore",
    });
    const server = new RedisServer(port, folder, child);
    for (const deadline = performance.now() + 10_000; ;) {
      const answer = await server.command("PING").catch(() => "");
      // One that wants a password refuses, but answers.
      if (answer.startsWith("+PONG") || answer.startsWith("-NOAUTH")) return server;
      if (child.exitCode !== null || performance.now() > deadline) {
        await server[Symbol.asyncDispose]();
        throw new Error("redis-server did not start");
      }
    }
  }

  /** One inline command on a connection of its own; answers the raw reply. */
  async command(line: string): Promise<string> {
    const socket = connect(this.port, "127.0.0.1");
    try {
      socket.write(`${line}\r\n`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      return answer.toString();
    } finally {
      socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await once(this.#process, "exit");
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** An address that stays while the server behind it changes, as a Service's does. */
export class Gate implements AsyncDisposable {
  target: number;
  /** Connections are cut when the client sends a piece for which this answers true. */
  cutOn: (sent: Buffer) => boolean = () => false;
  readonly #server = createServer((socket) => this.#connect(socket));
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(target: number) {
    this.target = target;
  }

  get port(): number {
    return this.#port;
  }

  async open(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Cuts all connections and refuses new ones. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #connect(socket: Socket): void {
    const upstream = connect(this.target, "127.0.0.1");
    socket.on("data", (sent: Buffer) => {
      if (this.cutOn(sent)) socket.destroy();
    });
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on("error", () => undefined);
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
