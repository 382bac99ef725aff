import {
  Coordinator,
  listedWorkers,
  type Proof,
  type CoordinatorSettings,
} from "@kube-state-mosaic/coordinator";
import {
  startFakeKubernetes,
  type FakeKubernetes,
  type FakeKubernetesOptions,
} from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import { listen, type Listener } from "@kube-state-mosaic/server";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import {
  createLogger,
  createTelemetry,
  mosaicMetrics,
  referenceMetrics,
} from "@kube-state-mosaic/telemetry";
import {
  fixedPlacement,
  fixedView,
  Worker,
  workerApp,
  type WorkerSettings,
} from "@kube-state-mosaic/worker";

const quiet = createLogger({
  format: "text",
  level: "error",
  destination: { write: () => undefined },
});
const page = { title: "", description: "", version: { version: "v0", branch: "", revision: "" } };

export interface RunningWorker extends AsyncDisposable {
  readonly worker: Worker;
  readonly url: string;
}

/** The User-Agent that shard `shard` of a fixture sends. */
export function agentOf(shard: number): string {
  return `kube-state-mosaic/w${shard}`;
}

/** Workers on sockets and a coordinator that reads them, on an API server whose faults the test chooses. */
export class Shards implements AsyncDisposable {
  readonly server: FakeKubernetes;
  readonly workers: RunningWorker[] = [];
  coordinator!: Coordinator;
  /** Added to the coordinator's clock, in milliseconds. */
  ahead = 0;

  private constructor(server: FakeKubernetes) {
    this.server = server;
  }

  static async start(
    count: number,
    {
      fake = {},
      prepare = () => undefined,
      worker = () => ({}),
      coordinator = {},
    }: {
      readonly fake?: FakeKubernetesOptions;
      readonly prepare?: (server: FakeKubernetes) => void;
      readonly worker?: (shard: number) => Partial<WorkerSettings>;
      readonly coordinator?: Partial<CoordinatorSettings>;
    } = {},
  ): Promise<Shards> {
    const shards = new Shards(await startFakeKubernetes({ bookmarkIntervalSeconds: 0.2, ...fake }));
    prepare(shards.server);
    for (let shard = 0; shard < count; shard++)
      shards.workers.push(
        await startShard(shards.server, { shard, count, settings: worker(shard) }),
      );
    shards.coordinator = new Coordinator(
      {
        source: listedWorkers(shards.workers.map(({ url }) => url)),
        onMissingShard: "stale",
        clock: { now: () => performance.now() + shards.ahead, wall: () => Date.now() },
        ...coordinator,
      },
      quiet,
    );
    await until(() => shards.workers.every(({ worker }) => worker.readiness().ready));
    return shards;
  }

  /** A new cycle, `seconds` after the last one by the coordinator's clock; the proof of a resource. */
  async proof(resource: string, seconds = 2): Promise<Proof> {
    this.ahead += seconds * 1000;
    const { proofs } = await this.coordinator.cycle();
    const proof = proofs.find((other) => other.resource === resource);
    if (proof === undefined) throw new Error(`nothing is said about ${resource}`);
    return proof;
  }

  /** Resolves with the first proof that the condition accepts, looking every few milliseconds. */
  async untilProof(
    resource: string,
    accepts: (proof: Proof) => boolean,
    seconds = 0,
  ): Promise<Proof> {
    for (;;) {
      const proof = await this.proof(resource, seconds);
      if (accepts(proof)) return proof;
      this.ahead += 1_001;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** What each worker has reached of a resource. */
  versions(resource: string): number[] {
    return this.workers.flatMap(({ worker }) =>
      worker.exposed
        .filter(({ name }) => name === resource)
        .flatMap(({ streams }) => streams.map(({ accounting }) => accounting.version)),
    );
  }

  /** The versions at which sizes of a resource were asked for last. */
  probes(resource: string): number[] {
    const everything = { slots: undefined, gainers: undefined };
    return this.workers.flatMap(({ worker }) =>
      worker.exposed
        .filter(({ name }) => name === resource)
        .flatMap(({ streams }) => streams)
        .flatMap(({ accounting }) => accounting.report(everything, undefined).probe?.version ?? []),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.coordinator.close();
    for (const worker of this.workers) await worker[Symbol.asyncDispose]();
    await this.server.close();
  }
}

/** One worker on a socket. `beforeRun` is given it before it lists anything. */
export async function startShard(
  server: FakeKubernetes,
  {
    shard,
    count,
    settings,
    beforeRun = async () => undefined,
  }: {
    shard: number;
    count: number;
    settings: Partial<WorkerSettings>;
    beforeRun?: (worker: Worker) => Promise<void>;
  },
): Promise<RunningWorker> {
  const cluster = await loadCluster({ apiserver: server.url, environment: {} });
  const client = new ApiClient({ cluster, version: `w${shard}` });
  const telemetry = createTelemetry();
  const worker = new Worker(
    {
      resources: ["pods", "services"].flatMap((name) => resources[name] ?? []),
      familyConfig: () => ({ labelsAllowList: [], annotationsAllowList: [] }),
      familyFilter: ({ optIn }) => !optIn,
      namespaces: [],
      namespacesDenylist: [],
      node: "",
      trackUnscheduledPods: false,
      placement: fixedPlacement(jumpOwnership(shard, count)),
      views: fixedView({ shard, totalShards: count, hash: "jump", epoch: 0 }),
      startJitterMs: 0,
      useApiserverCache: false,
      objectLimit: 0,
      allowFullSecrets: false,
      hotMemory: 0,
      probes: { afterListMs: 0, everyMs: 1_000 },
      ...settings,
    },
    {
      client,
      logger: quiet,
      reference: referenceMetrics(telemetry),
      mosaic: mosaicMetrics(telemetry),
    },
  );
  const listener: Listener = await listen({
    app: workerApp({ worker, page, gzip: true }),
    host: "127.0.0.1",
    port: 0,
  });
  await beforeRun(worker);
  const stopping = new AbortController();
  const running = worker.run(stopping.signal);
  return {
    worker,
    url: listener.url,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await listener.close(0);
      await client.close();
    },
  };
}

/** Resolves when the condition holds; the test's time-out bounds it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
