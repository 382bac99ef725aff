import type { FamilyConfig } from "@kube-state-mosaic/metric-families";
import { allowListFor, type Options } from "@kube-state-mosaic/options";
import type { Timeouts } from "@kube-state-mosaic/server";
import { createLogger, type Logger, type LogLevel } from "@kube-state-mosaic/telemetry";

export function loggerFor({ loggingFormat, logLevel }: Options): Logger {
  return createLogger({
    format: loggingFormat === "json" ? "json" : "text",
    // The option's parser accepts these words only.
    level: logLevel as LogLevel,
  });
}

/** The metrics port's limits, in milliseconds. */
export function metricsTimeouts(options: Options): Timeouts {
  return {
    readHeader: options.serverReadHeaderTimeout,
    read: options.serverReadTimeout,
    write: options.serverWriteTimeout,
    idle: options.serverIdleTimeout,
  };
}

/** What the allow lists give one resource. */
export function familyConfigFor(options: Options, resource: string): FamilyConfig {
  return {
    labelsAllowList: allowListFor(options.metricLabelsAllowlist, resource),
    annotationsAllowList: allowListFor(options.metricAnnotationsAllowlist, resource),
  };
}
