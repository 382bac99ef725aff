// Log lines
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from "./logger.ts";
export type { LogFields } from "./log-fields.ts";

// The registry
export {
  createTelemetry,
  type CounterMetric,
  type GaugeMetric,
  type HistogramDefinition,
  type HistogramMetric,
  type LabelArguments,
  type MetricDefinition,
  type Telemetry,
} from "./telemetry.ts";

// What the exporter tells about itself
export { configHash } from "./config-hash.ts";
export {
  mosaicMetrics,
  scrapeMetrics,
  type MosaicMetrics,
  type ScrapeMetrics,
} from "./mosaic-metrics.ts";
export {
  customResourceMetrics,
  referenceMetrics,
  type CustomResourceMetrics,
  type ReferenceMetrics,
} from "./self-metrics.ts";
export { shardingMetrics, type ShardingMetrics } from "./sharding-metrics.ts";
