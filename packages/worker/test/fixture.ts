import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import type { App } from "@kube-state-mosaic/server";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import {
  createLogger,
  createTelemetry,
  mosaicMetrics,
  referenceMetrics,
  type Telemetry,
} from "@kube-state-mosaic/telemetry";
import { fixedPlacement, fixedView, Worker, workerApp, type WorkerSettings } from "../src/index.ts";

export interface Fixture extends AsyncDisposable {
  readonly server: FakeKubernetes;
  readonly worker: Worker;
  readonly app: App;
  readonly telemetry: Telemetry;
  /** Body of a 200 answer; throws otherwise. */
  readonly scrape: (path?: string, headers?: Record<string, string>) => Promise<string>;
  readonly ready: () => Promise<void>;
}

/** A running worker on an API server, everything in this process. `given` servers are left running. */
export async function startWorker(
  changes: Partial<WorkerSettings> & { readonly names?: readonly string[] },
  given?: FakeKubernetes,
  beforeRun: (worker: Worker) => Promise<void> = async () => undefined,
): Promise<Fixture> {
  const { names = ["pods"], ...settings } = changes;
  const server = given ?? (await startFakeKubernetes());
  const cluster = await loadCluster({ apiserver: server.url, environment: {} });
  const client = new ApiClient({ cluster });
  const telemetry = createTelemetry();
  const logger = createLogger({
    format: "text",
    level: "error",
    destination: { write: () => undefined },
  });
  const worker = new Worker(
    {
      resources: names.flatMap((name) => resources[name] ?? []),
      familyConfig: () => ({ labelsAllowList: [], annotationsAllowList: [] }),
      familyFilter: ({ optIn }) => !optIn,
      namespaces: [],
      namespacesDenylist: [],
      node: "",
      trackUnscheduledPods: false,
      placement: fixedPlacement(jumpOwnership(0, 1)),
      views: fixedView({ shard: 0, totalShards: 1, hash: "jump", epoch: 0 }),
      startJitterMs: 0,
      useApiserverCache: false,
      objectLimit: 0,
      allowFullSecrets: false,
      hotMemory: 0,
      ...settings,
    },
    {
      client,
      logger,
      reference: referenceMetrics(telemetry),
      mosaic: mosaicMetrics(telemetry),
    },
  );
  const page = {
    title: "worker",
    description: "",
    version: { version: "v0", branch: "", revision: "" },
  };
  const app = workerApp({ worker, page, gzip: true });
  const stopping = new AbortController();
  await beforeRun(worker);
  const running = worker.run(stopping.signal);
  return {
    server,
    worker,
    app,
    telemetry,
    scrape: async (path = "/metrics", headers = {}) => {
      const response = await app.request(path, { headers });
      if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
      return response.text();
    },
    ready: () => until(() => worker.readiness().ready),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await running;
      await client.close();
      if (given === undefined) await server.close();
    },
  };
}

/** Resolves when the condition holds, looking at each turn of the event loop; the test's time-out bounds it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
