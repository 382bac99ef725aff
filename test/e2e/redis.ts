import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon, freePorts } from "@kube-state-mosaic/control-plane";

export interface Redis extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  readonly daemon: Daemon;
}

/** A real, empty Redis on a random loopback port that writes nothing to disk. */
export async function startRedis(): Promise<Redis> {
  const folder = await mkdtemp(join(tmpdir(), "redis-"));
  const [port] = await freePorts(1);
  const daemon = await Daemon.start(
    {
      name: "redis-server",
      command: "redis-server",
      args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
    },
    [folder],
  );
  const redis: Redis = {
    url: `redis://127.0.0.1:${port}`,
    daemon,
    async [Symbol.asyncDispose]() {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await daemon.line(/Ready to accept connections/i);
    return redis;
  } catch (error) {
    await redis[Symbol.asyncDispose]();
    throw error;
  }
}
