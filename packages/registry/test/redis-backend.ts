import { RedisRegistry } from "../src/redis-registry.ts";
import type { Backend } from "./backend.ts";
import { Gate, type RedisServer } from "./redis-server.ts";

const name = "monitoring/ksm";

/** A real Redis behind an address that can be closed. */
export async function startRedisBackend(server: RedisServer): Promise<Backend> {
  await server.command("FLUSHALL");
  const gate = new Gate(server.port);
  await gate.open();
  return {
    mode: "redis",
    open: (options) =>
      new RedisRegistry({
        address: `redis://127.0.0.1:${gate.port}`,
        name,
        random: () => 0.5,
        ...options,
      }),
    stop: () => gate.close(),
    start: () => gate.open(),
    deleteLayout: async () => void (await server.command(`DEL kube-state-mosaic:{${name}}:layout`)),
    restoreLayout: async (text) => {
      const quoted = JSON.stringify(text);
      await server.command(`SET kube-state-mosaic:{${name}}:layout ${quoted}`);
    },
    deleteMembers: async () =>
      void (await server.command(`DEL kube-state-mosaic:{${name}}:members`)),
    [Symbol.asyncDispose]: () => gate[Symbol.asyncDispose](),
  };
}
