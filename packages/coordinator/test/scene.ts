import { parseExposition } from "@kube-state-mosaic/exposition";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { Coordinator, coordinatorApp, type CoordinatorSettings } from "../src/index.ts";
import { ShardServer, type TestPod } from "./shard-server.ts";

const quiet = createLogger({
  format: "text",
  level: "error",
  destination: { write: () => undefined },
});

/** A coordinator, and a scraper that comes often enough for a cycle of its own each time. */
export interface Scraped {
  readonly coordinator: Coordinator;
  readonly get: (path?: string, headers?: Record<string, string>) => Promise<Response>;
}

/** Coordinators and shards under one clock of the test's own. */
export class Scene implements AsyncDisposable {
  now = 0;
  wall = 1_000_000;
  readonly shards: ShardServer[] = [];
  readonly #coordinators: Coordinator[] = [];

  async shard(
    identity: { shard: number; totalShards: number; epoch?: number },
    pods: readonly TestPod[],
  ): Promise<ShardServer> {
    const server = await ShardServer.start(identity);
    server.set(pods);
    this.shards.push(server);
    return server;
  }

  coordinator(
    settings: Pick<CoordinatorSettings, "source" | "onMissingShard"> & Partial<CoordinatorSettings>,
  ): Scraped {
    const clock = { now: () => this.now, wall: () => this.wall };
    const coordinator = new Coordinator({ clock, fetchTimeoutMs: 2_000, ...settings }, quiet);
    this.#coordinators.push(coordinator);
    const app = coordinatorApp({ coordinator, page: { title: "c", version: "v0" }, gzip: true });
    return {
      coordinator,
      get: async (path = "/metrics", headers: Record<string, string> = {}) => {
        this.now += 1_500;
        return app.request(path, { headers });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const coordinator of this.#coordinators) await coordinator.close();
    for (const shard of this.shards) await shard[Symbol.asyncDispose]();
  }
}

/** Names of the pods of an exposition, in its order. */
export function podsIn(text: string): string[] {
  return [...text.matchAll(/^kube_pod_info\{pod="([^"]*)"/gm)].map(([, pod = ""]) => pod);
}

/** The value of the first sample of this name. */
export function value(text: string, name: string): number | undefined {
  const sample = parseExposition(text, "text")
    .flatMap(({ samples }) => samples)
    .find((one) => one.name === name);
  return sample && Number(sample.value);
}
