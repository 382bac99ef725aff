import type { CounterMetric, GaugeMetric, HistogramMetric, Telemetry } from "./telemetry.ts";

/** What the reference does not tell about itself. `resource` is the plural name, for example `pods`. */
export interface MosaicMetrics {
  readonly resourceSynced: GaugeMetric<"resource">;
  readonly resourceObjects: GaugeMetric<"resource">;
  readonly lastEventAge: GaugeMetric<"resource">;
  readonly relists: CounterMetric<"resource" | "reason">;
  readonly decodeErrors: CounterMetric<"resource">;
  readonly listsTruncated: CounterMetric<"resource">;
  readonly frameErrors: CounterMetric<"resource">;
  readonly storeGroups: GaugeMetric<"resource">;
  readonly storeHotBytes: GaugeMetric<"resource">;
  readonly storeSealedBytes: GaugeMetric<"resource">;
  readonly scrape: ScrapeMetrics;
}

/** What a metrics endpoint reports of its answers; `encoding` is `gzip` or `identity`. */
export interface ScrapeMetrics {
  readonly duration: HistogramMetric<"encoding">;
  readonly bytes: CounterMetric<"encoding">;
  readonly aborted: CounterMetric<"reason">;
}

const resource = ["resource"] as const;

export function mosaicMetrics(telemetry: Telemetry): MosaicMetrics {
  return {
    resourceSynced: telemetry.gauge({
      name: "kube_state_mosaic_resource_synced",
      help: "Whether the resource is completely loaded (1) or not yet (0).",
      labels: resource,
    }),
    resourceObjects: telemetry.gauge({
      name: "kube_state_mosaic_resource_objects",
      help: "Objects of the resource that this shard owns.",
      labels: resource,
    }),
    lastEventAge: telemetry.gauge({
      name: "kube_state_mosaic_last_event_age_seconds",
      help: "Seconds since the last event or bookmark of the resource arrived.",
      labels: resource,
    }),
    relists: telemetry.counter({
      name: "kube_state_mosaic_relists_total",
      help: "Lists after the first one, by the reason that made them necessary.",
      labels: ["resource", "reason"],
    }),
    listsTruncated: telemetry.counter({
      name: "kube_state_mosaic_lists_truncated_total",
      help: "Lists that reached the object limit, so that objects may be missing.",
      labels: resource,
    }),
    decodeErrors: telemetry.counter({
      name: "kube_state_mosaic_decode_errors_total",
      help: "Objects that could not be decoded.",
      labels: resource,
    }),
    frameErrors: telemetry.counter({
      name: "kube_state_mosaic_frame_errors_total",
      help: "Pieces of lists and watches that could not be read; each leads to a new list.",
      labels: resource,
    }),
    storeGroups: telemetry.gauge({
      name: "kube_state_mosaic_store_groups",
      help: "Row groups the store is divided into.",
      labels: resource,
    }),
    storeHotBytes: telemetry.gauge({
      name: "kube_state_mosaic_store_hot_bytes",
      help: "Bytes of text held uncompressed.",
      labels: resource,
    }),
    storeSealedBytes: telemetry.gauge({
      name: "kube_state_mosaic_store_sealed_bytes",
      help: "Bytes of compressed blocks.",
      labels: resource,
    }),
    scrape: scrapeMetrics(telemetry),
  };
}

/** Only the families of the metrics endpoint, for a process that holds no store. */
export function scrapeMetrics(telemetry: Telemetry): ScrapeMetrics {
  return {
    duration: telemetry.histogram({
      name: "kube_state_mosaic_scrape_duration_seconds",
      help: "Seconds from a request for metrics to the last byte of its answer.",
      labels: ["encoding"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    }),
    bytes: telemetry.counter({
      name: "kube_state_mosaic_scrape_bytes_total",
      help: "Bytes of answers written, as encoded.",
      labels: ["encoding"],
    }),
    aborted: telemetry.counter({
      name: "kube_state_mosaic_scrapes_aborted_total",
      help: "Answers that did not reach their end, by reason: closed by the reader, stalled, failed, or cut at shutdown.",
      labels: ["reason"],
    }),
  };
}
