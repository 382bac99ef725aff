import { Coordinator, coordinatorApp } from "@kube-state-mosaic/coordinator";
import type { Options } from "@kube-state-mosaic/options";
import { headerTimeoutOnly, listen, telemetryApp } from "@kube-state-mosaic/server";
import { createTelemetry, referenceMetrics, scrapeMetrics } from "@kube-state-mosaic/telemetry";
import { drain, untilSignalled } from "../lifetime.ts";
import { reviewClient, securityOf } from "../security.ts";
import { loggerFor, metricsTimeouts } from "../settings.ts";
import { build, buildLabels } from "../version.ts";

/** Milliseconds one worker may take to answer; below Prometheus's default scrape time-out of 10 s. */
const fetchTimeoutMs = 8_000;

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
  const coordinator = new Coordinator({ workers: options.workers, fetchTimeoutMs }, logger);
  const page = {
    title: "kube-state-mosaic coordinator",
    description: `One exposition of ${options.workers.length} workers: ${options.workers.join(", ")}.`,
    version: build,
  };
  const metrics = await listen({
    app: coordinatorApp({
      coordinator,
      page,
      logger,
      scrape,
      gzip: options.enableGzipEncoding,
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
    const own = await listen({
      app: telemetryApp({
        telemetry,
        readiness: () => coordinator.readiness(),
        page: {
          ...page,
          links: [
            { path: "/metrics", text: "Metrics of the coordinator itself" },
            { path: "/readyz", text: "Readyz" },
          ],
        },
        logger,
      }),
      host: options.telemetryHost,
      port: options.telemetryPort,
      flags: { hostFlag: "--telemetry-host", portFlag: "--telemetry-port" },
      timeouts: headerTimeoutOnly,
      security,
      logger,
    });
    listeners.push(own);
    logger.info("listening", {
      metrics: metrics.url,
      telemetry: own.url,
      workers: options.workers.join(" "),
    });
    await coordinator.watch(signal);
    return 0;
  } finally {
    await drain(listeners, logger);
    await coordinator.close();
  }
}
