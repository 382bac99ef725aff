import { messageOf } from "@kube-state-mosaic/errors";
import {
  connect,
  Discovery,
  discoveryMetrics,
  FileSd,
  Publication,
  type DiscoveryState,
} from "@kube-state-mosaic/discovery";
import type { Options } from "@kube-state-mosaic/options";
import { listen, secure, telemetryApp } from "@kube-state-mosaic/server";
import { createTelemetry, referenceMetrics, type Logger } from "@kube-state-mosaic/telemetry";
import { readFileSync } from "node:fs";
import { discoverApp } from "../discover/discover-app.ts";
import { configFile, readJobs } from "../discover/jobs.ts";
import { printed, settledState } from "../discover/once.ts";
import { FileWatch, type FileContents } from "../file-watch.ts";
import { drain, untilSignalled } from "../lifetime.ts";
import { loggerFor, metricsTimeouts } from "../settings.ts";
import { listenTelemetry } from "../telemetry-server.ts";
import { build, buildLabels } from "../version.ts";

const namespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** `kube-state-mosaic discover`: scrape targets for Prometheus. Resolves with the exit code: after a signal, or with `--once` after printing. */
export async function runDiscover(options: Options): Promise<number> {
  const logger = loggerFor(options);
  const known = await configFile(options);
  const jobs = await readJobs(options);
  const telemetry = createTelemetry();
  telemetry.collectProcessMetrics();
  const reference = referenceMetrics(telemetry);
  reference.buildInfo.set(1, buildLabels());
  const metrics = discoveryMetrics(telemetry);
  await using discovery = new Discovery({
    connect: (config) =>
      connect(config, {
        kubeconfig: options.kubeconfig,
        apiserver: options.apiserver,
        client: {
          version: build.version,
          onRequest: ({ code }) => metrics.httpRequests.add(1, { status_code: code }),
          onWarning: (text) => logger.warn("the API server warns", { text }),
        },
      }),
    logger,
    metrics,
    ownNamespace: () => readFileSync(namespaceFile, "utf8"),
  });
  telemetry.onCollect(() => discovery.measure());
  const publication = new Publication({ relabeled: options.relabel });
  const signal = untilSignalled(logger);
  await discovery.apply(jobs);
  // Awaited here: what is returned is settled only after discovery has been disposed of.
  if (options.once) return await printOnce(discovery, { publication, options, signal });

  // From the first request on its jobs are there, if only to say that they are not complete.
  publication.update(discovery.state());
  const files = options.fileSdDirectory === "" ? undefined : new FileSd(options.fileSdDirectory);
  let published = false;
  discovery.start(async (state) => {
    publication.update(state);
    published = true;
    if (files !== undefined) await writeFiles(files, state, { publication, logger });
  });
  const security = await secure({ webConfigFile: options.tlsConfig, logger, metrics: reference });
  const targets = await listen({
    app: discoverApp(publication, logger),
    host: options.host,
    port: options.port,
    timeouts: metricsTimeouts(options),
    security,
    logger,
  });
  const listeners = [targets];
  try {
    const own = await listenTelemetry(
      telemetryApp({
        telemetry,
        readiness: () => readiness(publication.state, published),
        page: {
          title: "kube-state-mosaic discover",
          description: "Discovery itself.",
          version: build,
          links: [
            { path: "/metrics", text: "Metrics of discovery itself" },
            { path: "/readyz", text: "Readyz" },
          ],
        },
        logger,
      }),
      options,
      { security, logger },
    );
    listeners.push(own);
    logger.info("listening", { targets: targets.url, telemetry: own.url, jobs: jobs.length });
    await reloadUntil(signal, { discovery, publication, known, options, logger });
    return 0;
  } finally {
    await drain(listeners, logger);
  }
}

async function printOnce(
  discovery: Discovery,
  context: { publication: Publication; options: Options; signal: AbortSignal },
): Promise<number> {
  const { publication, options, signal } = context;
  const state = await settledState(discovery, { timeoutMs: options.onceTimeout, signal });
  publication.update(state);
  // The option's parser accepts these words only.
  const output = options.output as "groups" | "targets";
  // A reader that has seen enough (head) is no fault.
  process.stdout.on("error", () => undefined);
  await new Promise((resolve) =>
    process.stdout.write(printed(state, output, publication), resolve),
  );
  const unfinished = [...state.values()].filter(({ complete }) => !complete);
  for (const { job, problems } of unfinished)
    console.error(`error: job "${job.name}" is left out: ${problems.join("; ")}`);
  return unfinished.length === 0 ? 0 : 1;
}

/** A job whose targets are not known keeps its file of before. */
async function writeFiles(
  files: FileSd,
  state: DiscoveryState,
  { publication, logger }: { publication: Publication; logger: Logger },
): Promise<void> {
  for (const name of state.keys()) {
    const list = publication.list(name);
    if (list.kind !== "list") continue;
    await files.write(name, list).catch((error: unknown) => {
      logger.error("a file of targets was not written", { job: name, error: messageOf(error) });
    });
  }
  await files.keepOnly(new Set(state.keys()));
}

/** Applies the configuration again when its file changes and on SIGHUP; one that is wrong leaves the old one in force. */
async function reloadUntil(
  signal: AbortSignal,
  { discovery, publication, known, options, logger }: ReloadContext,
): Promise<void> {
  const reload = async (why: string): Promise<void> => {
    try {
      const jobs = await readJobs(options);
      await discovery.apply(jobs);
      publication.update(discovery.state());
      logger.info("the discovery configuration is in force", { why, jobs: jobs.length });
    } catch (error) {
      logger.error("the discovery configuration is wrong; the old one stays in force", {
        why,
        error: messageOf(error),
      });
    }
  };
  const onHangup = (): void => void reload("SIGHUP");
  process.on("SIGHUP", onHangup);
  const paths = options.discoveryConfig === "" ? [] : [options.discoveryConfig];
  const watch = new FileWatch({
    paths: () => paths,
    known,
    onChange: () => reload("the file has changed"),
  });
  await watch.run(signal);
  process.off("SIGHUP", onHangup);
}

interface ReloadContext {
  readonly discovery: Discovery;
  readonly publication: Publication;
  /** What the configuration file held when it was first read, or before. */
  readonly known: FileContents;
  readonly options: Options;
  readonly logger: Logger;
}

/** A job that lacks permissions does not keep the others from being served. */
function readiness(
  state: DiscoveryState,
  published: boolean,
): { ready: boolean; waiting: string[] } {
  const waiting = [...state.values()]
    .filter(({ complete, stuck }) => !complete && !stuck)
    .map(({ job }) => `job ${job.name}`);
  return { ready: published && waiting.length === 0, waiting };
}
