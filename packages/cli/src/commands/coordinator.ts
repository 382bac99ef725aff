import {
  Coordinator,
  coordinatorApp,
  coordinatorTelemetry,
  listedWorkers,
  registeredWorkers,
} from "@kube-state-mosaic/coordinator";
import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { renderer, resources } from "@kube-state-mosaic/metric-families";
import type { Options } from "@kube-state-mosaic/options";
import { listen, telemetryApp } from "@kube-state-mosaic/server";
import {
  createTelemetry,
  referenceMetrics,
  scrapeMetrics,
  type Logger,
} from "@kube-state-mosaic/telemetry";
import { readFileSync } from "node:fs";
import { drain, untilSignalled } from "../lifetime.ts";
import { reviewClient, securityOf } from "../security.ts";
import { loggerFor, metricsTimeouts } from "../settings.ts";
import { registryOf } from "../registry.ts";
import { listenTelemetry } from "../telemetry-server.ts";
import { build, buildLabels } from "../version.ts";

/** `kube-state-mosaic coordinator`: all workers as one scrape target. Resolves with the exit code after a signal. */
export async function runCoordinator(options: Options): Promise<number> {
  const logger = loggerFor(options);
  const signal = untilSignalled(logger);
  const telemetry = createTelemetry();
  telemetry.collectProcessMetrics();
  const reference = referenceMetrics(telemetry);
  reference.buildInfo.set(1, buildLabels());
  const scrape = scrapeMetrics(telemetry);
  await using client = await reviewClient(options, logger);
  const security = await securityOf(options, { logger, reference, client });
  await using source = await workersOf(options, logger);
  const coordinator = new Coordinator(
    {
      source: source.workers,
      onMissingShard: policyOf(options),
      resourceOf: resourceOfFamily(),
      access: {
        caFile: options.workerCaFile,
        tokenFile: options.workerTokenFile,
        certFile: options.workerClientCert,
        keyFile: options.workerClientKey,
      },
    },
    logger,
  );
  coordinatorTelemetry(telemetry, reference, coordinator);
  const title = "kube-state-mosaic coordinator";
  const metrics = await listen({
    app: coordinatorApp({
      coordinator,
      page: { title, version: build.version },
      selfSamples: !options.noSelfSamples,
      logger,
      scrape,
      gzip: options.enableGzipEncoding,
      strictAccept: options.strictAccept,
      requestDuration: reference.requestDuration,
    }),
    host: options.host,
    port: options.port,
    timeouts: metricsTimeouts(options),
    security,
    logger,
  });
  const listeners = [metrics];
  try {
    const own = await listenTelemetry(
      telemetryApp({
        telemetry,
        readiness: () => coordinator.readiness(),
        page: {
          title,
          description: "The coordinator itself, and the list and watch counters of all workers.",
          version: build,
          links: [
            { path: "/metrics", text: "Metrics of the coordinator and the workers' requests" },
            { path: "/readyz", text: "Readyz" },
          ],
        },
        logger,
      }),
      options,
      { security, logger },
    );
    listeners.push(own);
    logger.info("listening", {
      metrics: metrics.url,
      telemetry: own.url,
      workers: options.workers.join(" ") || `registry of ${options.statefulset}`,
    });
    await coordinator.watch(signal);
    return 0;
  } finally {
    await drain(listeners, logger);
    await coordinator.close();
  }
}

/** Listed workers are there or something is wrong; those of a registry come and go. */
function policyOf({ onMissingShard, workers }: Options): "fail" | "stale" | "omit" {
  if (onMissingShard === "auto") return workers.length > 0 ? "fail" : "stale";
  // The option's parser accepts these words only.
  return onMissingShard as "fail" | "stale" | "omit";
}

async function workersOf(options: Options, logger: Logger) {
  if (options.workers.length > 0)
    return {
      workers: listedWorkers(options.workers),
      [Symbol.asyncDispose]: async () => undefined,
    };
  const namespace = options.podNamespace || ownNamespace();
  const cluster = await loadCluster({
    kubeconfig: options.kubeconfig,
    apiserver: options.apiserver,
    onWarning: (message) => logger.warn(message),
  });
  const client = new ApiClient({
    cluster,
    version: build.version,
    onWarning: (text) => logger.warn("the API server warns", { text }),
  });
  const registry = registryOf(options.registry, {
    client,
    namespace,
    statefulset: options.statefulset,
    log: logger,
    observer: {
      onError: (error) =>
        logger.warn("the registry cannot be read; what is known stays, and it is tried again", {
          reason: messageOf(error),
        }),
    },
  });
  return {
    workers: registeredWorkers(registry, logger),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

function ownNamespace(): string {
  try {
    return readFileSync(namespaceFile, "utf8").trim();
  } catch (cause) {
    throw new ExporterError(
      "COORDINATOR_NO_NAMESPACE",
      "there is neither --workers nor --pod-namespace, and this process is in no pod: it does not know whom to ask",
      { cause },
    );
  }
}

/** The resource of each family of the tables, for workers that answer as text. */
function resourceOfFamily(): (family: string) => string | undefined {
  const byFamily = new Map<string, string>();
  for (const resource of Object.values(resources)) {
    const { families } = renderer(
      resource,
      { labelsAllowList: [], annotationsAllowList: [] },
      () => true,
    );
    for (const { name } of families) byFamily.set(name, resource.name);
  }
  return (family) => byFamily.get(family);
}
