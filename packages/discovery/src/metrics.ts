import type {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  Telemetry,
} from "@kube-state-mosaic/telemetry";
import { roleNames } from "./role-rules.ts";

/** What discovery tells about itself: Prometheus's own families of service discovery, under the project's name. */
export interface DiscoveryMetrics {
  readonly events: CounterMetric<"role" | "event">;
  readonly failures: CounterMetric;
  readonly decodeErrors: CounterMetric;
  readonly httpRequests: CounterMetric<"status_code">;
  readonly queueItems: CounterMetric<"queue_name">;
  readonly queueDepth: GaugeMetric<"queue_name">;
  readonly queueLatency: HistogramMetric<"queue_name">;
  readonly queueWork: HistogramMetric<"queue_name">;
  readonly watches: GaugeMetric<"resource">;
  readonly objects: GaugeMetric<"resource">;
  readonly failedConfigs: GaugeMetric;
  readonly discoveredTargets: GaugeMetric<"config">;
  readonly receivedUpdates: CounterMetric;
  readonly updates: CounterMetric;
  readonly updatesDelayed: CounterMetric;
  readonly lastUpdate: GaugeMetric<"config">;
}

const buckets = [0.0001, 0.001, 0.01, 0.1, 1, 10];
const queue = ["queue_name"] as const;

export function discoveryMetrics(telemetry: Telemetry): DiscoveryMetrics {
  const events = telemetry.counter<"role" | "event">({
    name: "kube_state_mosaic_sd_kubernetes_events_total",
    help: "Objects that came, changed or went, by the role that they matter to.",
    labels: ["role", "event"],
  });
  for (const role of roleNames)
    for (const event of ["add", "update", "delete"]) events.add(0, { role, event });
  const queueItems = telemetry.counter<"queue_name">({
    name: "kube_state_mosaic_sd_kubernetes_workqueue_items_total",
    help: "Objects queued for their target group to be made.",
    labels: queue,
  });
  return {
    events,
    queueItems,
    failures: telemetry.counter({
      name: "kube_state_mosaic_sd_kubernetes_failures_total",
      help: "LIST and WATCH requests that failed.",
    }),
    decodeErrors: telemetry.counter({
      name: "kube_state_mosaic_sd_kubernetes_decode_errors_total",
      help: "Objects that could not be decoded and keep their old state.",
    }),
    httpRequests: telemetry.counter({
      name: "kube_state_mosaic_sd_kubernetes_http_request_total",
      help: "Requests to the API server, by HTTP status or error code.",
      labels: ["status_code"],
    }),
    queueDepth: telemetry.gauge({
      name: "kube_state_mosaic_sd_kubernetes_workqueue_depth",
      help: "Objects that wait for their target group to be made.",
      labels: queue,
    }),
    queueLatency: telemetry.histogram({
      name: "kube_state_mosaic_sd_kubernetes_workqueue_latency_seconds",
      help: "Seconds an object waited in the queue.",
      labels: queue,
      buckets,
    }),
    queueWork: telemetry.histogram({
      name: "kube_state_mosaic_sd_kubernetes_workqueue_work_duration_seconds",
      help: "Seconds to make one target group.",
      labels: queue,
      buckets,
    }),
    watches: telemetry.gauge({
      name: "kube_state_mosaic_sd_kubernetes_watches",
      help: "Watches held, each shared by all roles that read it.",
      labels: ["resource"],
    }),
    objects: telemetry.gauge({
      name: "kube_state_mosaic_sd_kubernetes_objects",
      help: "Objects kept.",
      labels: ["resource"],
    }),
    failedConfigs: telemetry.gauge({
      name: "kube_state_mosaic_sd_failed_configs",
      help: "Discovery configurations that could not be set up when the configuration was last applied.",
    }),
    discoveredTargets: telemetry.gauge({
      name: "kube_state_mosaic_sd_discovered_targets",
      help: "Targets of the job, before relabeling.",
      labels: ["config"],
    }),
    receivedUpdates: telemetry.counter({
      name: "kube_state_mosaic_sd_received_updates_total",
      help: "Target groups received from the roles.",
    }),
    updates: telemetry.counter({
      name: "kube_state_mosaic_sd_updates_total",
      help: "Times the complete state was offered to those who publish it.",
    }),
    updatesDelayed: telemetry.counter({
      name: "kube_state_mosaic_sd_updates_delayed_total",
      help: "Times they were still busy with the state before, so that it was offered again later.",
    }),
    lastUpdate: telemetry.gauge({
      name: "kube_state_mosaic_sd_last_update_timestamp_seconds",
      help: "Unix time of the job's last update.",
      labels: ["config"],
    }),
  };
}
