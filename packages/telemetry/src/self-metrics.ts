import type { CounterMetric, GaugeMetric, HistogramMetric, Telemetry } from "./telemetry.ts";

/** The families that dashboards and alerts of kube-state-metrics read, with their names, types and labels. */
export interface ReferenceMetrics {
  readonly buildInfo: GaugeMetric<BuildLabel>;
  readonly listTotal: CounterMetric<"resource" | "result">;
  readonly watchTotal: CounterMetric<"resource" | "result">;
  readonly listObjects: GaugeMetric<"resource">;
  readonly listObjectsLimit: GaugeMetric<"resource">;
  readonly configHash: GaugeMetric<"filename" | "type">;
  readonly lastConfigReloadSuccessful: GaugeMetric<"filename" | "type">;
  readonly lastConfigReloadSuccessTimestamp: GaugeMetric<"filename" | "type">;
  readonly requestDuration: HistogramMetric<"handler" | "method">;
  /** Shows this shard and the number of shards; the series of an earlier shard ends. */
  setShard(shard: number, total: number): void;
  /** Shows all shards that are present, for a process that answers for them; series of others end. */
  setShards(shards: readonly number[], total: number): void;
}

type BuildLabel =
  | "branch"
  | "client_go_version"
  | "goarch"
  | "goos"
  | "goversion"
  | "revision"
  | "tags"
  | "version";

const file = ["filename", "type"] as const;
const outcome = ["resource", "result"] as const;

/** Defines the reference's own families. `resource` is the reference's type name, for example `*v1.Pod`; `result` is `success` or `error`. */
export function referenceMetrics(telemetry: Telemetry): ReferenceMetrics {
  const shardOrdinal = telemetry.gauge({
    name: "kube_state_metrics_shard_ordinal",
    help: "Ordinal of this shard, as value and as label.",
    labels: ["shard_ordinal"],
  });
  const totalShards = telemetry.gauge({
    name: "kube_state_metrics_total_shards",
    help: "Number of shards the objects are spread over.",
  });
  const setShards = (shards: readonly number[], total: number): void => {
    shardOrdinal.clear();
    for (const shard of shards) shardOrdinal.set(shard, { shard_ordinal: String(shard) });
    totalShards.set(total);
  };
  return {
    buildInfo: telemetry.gauge({
      name: "kube_state_metrics_build_info",
      help: "What this build is made of; the value is always 1.",
      labels: [
        "branch",
        "client_go_version",
        "goarch",
        "goos",
        "goversion",
        "revision",
        "tags",
        "version",
      ],
    }),
    listTotal: telemetry.counter({
      name: "kube_state_metrics_list_total",
      help: "LIST requests, each page counted.",
      labels: outcome,
    }),
    watchTotal: telemetry.counter({
      name: "kube_state_metrics_watch_total",
      help: "WATCH requests; successful ones are those whose stream was opened.",
      labels: outcome,
    }),
    listObjects: telemetry.gauge({
      name: "kube_state_metrics_list_objects",
      help: "Objects taken from the last list while an object limit is set.",
      labels: ["resource"],
    }),
    listObjectsLimit: telemetry.gauge({
      name: "kube_state_metrics_list_objects_limit",
      help: "Limit of objects taken from a list.",
      labels: ["resource"],
    }),
    configHash: telemetry.gauge({
      name: "kube_state_metrics_config_hash",
      help: "Hash of the configuration file in use.",
      labels: file,
    }),
    lastConfigReloadSuccessful: telemetry.gauge({
      name: "kube_state_metrics_last_config_reload_successful",
      help: "Whether the configuration file could be used when it was last read.",
      labels: file,
    }),
    lastConfigReloadSuccessTimestamp: telemetry.gauge({
      name: "kube_state_metrics_last_config_reload_success_timestamp_seconds",
      help: "Unix time at which the configuration file was last taken into use.",
      labels: file,
    }),
    requestDuration: telemetry.histogram({
      name: "http_request_duration_seconds",
      help: "Seconds from a request for metrics to the end of its answer.",
      labels: ["handler", "method"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
    setShard: (shard, total) => setShards([shard], total),
    setShards,
  };
}

/** The reference's families about custom resource definitions; `cache` is their number in the cluster. */
export interface CustomResourceMetrics {
  readonly addEvents: CounterMetric;
  readonly updateEvents: CounterMetric;
  readonly deleteEvents: CounterMetric;
  readonly cache: GaugeMetric;
}

export function customResourceMetrics(telemetry: Telemetry): CustomResourceMetrics {
  return {
    addEvents: telemetry.counter({
      name: "kube_state_metrics_custom_resource_state_add_events_total",
      help: "Custom resource definitions that appeared, those found at start included.",
    }),
    updateEvents: telemetry.counter({
      name: "kube_state_metrics_custom_resource_state_update_events_total",
      help: "Updates of custom resource definitions.",
    }),
    deleteEvents: telemetry.counter({
      name: "kube_state_metrics_custom_resource_state_delete_events_total",
      help: "Custom resource definitions that disappeared.",
    }),
    cache: telemetry.gauge({
      name: "kube_state_metrics_custom_resource_state_cache",
      help: "Custom resource definitions known.",
    }),
  };
}
