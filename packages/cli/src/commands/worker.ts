import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { listen, telemetryApp } from "@kube-state-mosaic/server";
import { createTelemetry, mosaicMetrics, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { Worker, workerApp, type WorkerSettings } from "@kube-state-mosaic/worker";
import { awaitApiServer } from "../api-server-check.ts";
import { ConfiguredCustomResources } from "../custom-resources.ts";
import { drain, untilSignalled } from "../lifetime.ts";
import { followedFiles, Reload, type OptionsSource } from "../reload.ts";
import { ReplaceableCluster } from "../reload-cluster.ts";
import { adjustableLogger } from "../reload-logger.ts";
import { invalidValueReports, loadResourceModules, resourceNamed } from "../resource-modules.ts";
import { securityOf } from "../security.ts";
import { exposureSettings, loggerSettings, metricsTimeouts } from "../settings.ts";
import { shardingOf, type Sharding } from "../sharding.ts";
import { listenTelemetry } from "../telemetry-server.ts";
import { build, buildLabels } from "../version.ts";

/** `kube-state-mosaic worker`: one shard, or the whole cluster. Resolves with the exit code after a signal. */
export async function runWorker(
  options: Options,
  _args: readonly string[],
  source: OptionsSource,
): Promise<number> {
  const logger = adjustableLogger(loggerSettings(options));
  const signal = untilSignalled(logger);
  const { shard, totalShards } = options;
  const telemetry = createTelemetry();
  telemetry.collectProcessMetrics();
  const reference = referenceMetrics(telemetry);
  const mosaic = mosaicMetrics(telemetry);
  reference.setShard(shard, totalShards);
  reference.buildInfo.set(1, buildLabels());
  const modules = await loadResourceModules(options.resourceModule);
  const reports = invalidValueReports(telemetry, logger);
  const namedResource = (name: string) => resourceNamed(name, modules, reports);
  const settings = workerSettings(
    options,
    options.resources.flatMap((name) => namedResource(name) ?? []),
  );

  const known = followedFiles(options, source);
  const cluster = new ReplaceableCluster(
    await loadCluster({
      kubeconfig: options.kubeconfig,
      apiserver: options.apiserver,
      onWarning: (message) => logger.warn(message),
    }),
  );
  await using client = new ApiClient({
    cluster,
    version: build.version,
    onWarning: (text) => logger.warn("the API server warns", { text }),
  });
  const security = await securityOf(options, { logger, reference, client });
  const sharding = shardingOf(options, { telemetry, reference, logger });
  const worker = new Worker(
    { ...settings, ...sharding.settings },
    { client, logger, reference, mosaic },
  );
  telemetry.onCollect(() => worker.measure(Date.now() / 1000));
  const { startJitterMs } = sharding.settings;
  const customResources = new ConfiguredCustomResources(options, {
    worker,
    client,
    logger,
    telemetry,
    reference,
    startJitterMs,
  });
  const reload = new Reload(
    options,
    { source, known },
    { worker, customResources, cluster, logger, gauges: reference, resourceNamed: namedResource },
  );

  const page = {
    title: "kube-state-mosaic",
    description: "Metrics of the state of Kubernetes objects.",
    version: build,
  };
  const metrics = await listen({
    app: workerApp({
      worker,
      page,
      logger,
      gzip: options.enableGzipEncoding,
      strictAccept: options.strictAccept,
      scrape: mosaic.scrape,
      requestDuration: reference.requestDuration,
    }),
    host: options.host,
    port: options.port,
    logger,
    timeouts: metricsTimeouts(options),
    security,
  });
  const listeners = [metrics];
  try {
    const telemetryLinks = [
      { path: "/metrics", text: "Metrics of the exporter itself" },
      { path: "/readyz", text: "Readyz" },
    ];
    const telemetryServer = telemetryApp({
      telemetry,
      readiness: () => worker.readiness(),
      page: { ...page, description: "The exporter itself.", links: telemetryLinks },
      logger,
    });
    const { describe } = sharding;
    if (describe !== undefined)
      telemetryServer.get("/layout", (context) => context.json(describe()));
    const own = await listenTelemetry(telemetryServer, options, { security, logger });
    listeners.push(own);
    logger.info("listening", { metrics: metrics.url, telemetry: own.url, shard, totalShards });

    const server = cluster.server.href;
    const version = await awaitApiServer({
      client,
      server,
      timeoutMs: options.startupTimeout,
      logger,
      signal,
    });
    if (!signal.aborted) logger.info("API server answers", { server, version });
    const fault = new AbortController();
    try {
      await sharding.run(
        worker,
        (until) => {
          const ending = AbortSignal.any([until, fault.signal]);
          return Promise.all([worker.run(ending), customResources.run(ending), reload.run(ending)]);
        },
        { client, port: metrics.port, signal },
      );
    } finally {
      fault.abort();
    }
    return 0;
  } finally {
    await drain(listeners, logger);
  }
}

function workerSettings(
  options: Options,
  resources: WorkerSettings["resources"],
): Omit<WorkerSettings, keyof Sharding["settings"]> {
  return {
    ...exposureSettings(options),
    resources,
    useApiserverCache: options.useApiserverCache,
    objectLimit: options.objectLimit,
    allowFullSecrets: options.allowFullSecrets,
    hotMemory: options.hotMemory,
    probes: { censusMs: options.census },
  };
}
