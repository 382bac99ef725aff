import type { Options } from "@kube-state-mosaic/options";
import type { Timeouts } from "@kube-state-mosaic/server";
import {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
} from "@kube-state-mosaic/telemetry";
import type { ExposureSettings } from "@kube-state-mosaic/worker";
import { familyConfigFor } from "./family-config.ts";

export function loggerFor(options: Options): Logger {
  return createLogger(loggerSettings(options));
}

/** Format and level of log lines. */
export function loggerSettings({ loggingFormat, logLevel }: Options): LoggerOptions {
  return {
    format: loggingFormat === "json" ? "json" : "text",
    // The option's parser accepts these words only.
    level: logLevel as LogLevel,
  };
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

/** Which objects and families a worker exposes. */
export function exposureSettings(options: Options): ExposureSettings {
  return {
    familyConfig: (resource) => familyConfigFor(options, resource),
    familyFilter: ({ name, optIn }) => options.metricFilter(name, optIn),
    namespaces: options.namespaces,
    namespacesDenylist: options.namespacesDenylist,
    node: options.node,
    trackUnscheduledPods: options.trackUnscheduledPods,
  };
}
