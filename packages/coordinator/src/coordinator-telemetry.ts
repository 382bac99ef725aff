import { pieceSizes } from "@kube-state-mosaic/store";
import type { ReferenceMetrics, Telemetry } from "@kube-state-mosaic/telemetry";
import type { Coordinator } from "./coordinator.ts";
import { expositionPieces } from "./exposition.ts";

/**
 * Puts every worker's sharding and list and watch counters on the coordinator's telemetry port, under the reference's names, so that alerts
 * written for kube-state-metrics keep working on one target; and the coordinator's own figures.
 */
export function coordinatorTelemetry(
  telemetry: Telemetry,
  reference: ReferenceMetrics,
  coordinator: Pick<Coordinator, "last" | "bytesReceived" | "clockSkew">,
): void {
  const size = telemetry.gauge({
    name: "kube_state_mosaic_exposition_bytes",
    help: "Bytes of the whole exposition as it would be sent now; scrapers have limits.",
    labels: ["encoding"],
  });
  const cycle = telemetry.gauge({
    name: "kube_state_mosaic_cycle_duration_seconds",
    help: "Seconds that the last round of fetches from all workers took.",
  });
  const received = telemetry.counter({
    name: "kube_state_mosaic_received_bytes_total",
    help: "Bytes received from workers.",
  });
  const cut = telemetry.counter({
    name: "kube_state_mosaic_rows_cut_total",
    help: "Objects left out because another shard has their successor, an object of the same name.",
  });
  const epoch = telemetry.gauge({
    name: "kube_state_mosaic_coordinator_epoch",
    help: "Number of the layout that is answered.",
  });
  const skew = telemetry.gauge({
    name: "kube_state_mosaic_clock_skew_seconds",
    help: "Seconds by which the clock of a shard is ahead of the coordinator's, by its last answer.",
    labels: ["shard"],
  });
  const counted = new Map<string, number>();
  let receivedBefore = 0;
  let cutBefore = 0;
  telemetry.onCollect(() => {
    received.add(coordinator.bytesReceived - receivedBefore);
    receivedBefore = coordinator.bytesReceived;
    const { last } = coordinator;
    if (last === undefined) return;
    cut.add(last.rowsCut - cutBefore);
    cutBefore = last.rowsCut;
    cycle.set(last.seconds);
    epoch.set(last.epoch);
    const present = last.shards.filter(({ state }) => state === "live");
    skew.clear();
    for (const { ordinal: shard } of present) {
      const seconds = coordinator.clockSkew.seconds(shard);
      if (seconds !== undefined) skew.set(seconds, { shard });
    }
    reference.setShards(
      present.map(({ index }) => index),
      last.shards[0]?.answer?.manifest.identity.totalShards ?? last.shards.length,
    );
    for (const { ordinal, answer } of last.shards)
      for (const [name, resource, result, value] of answer?.manifest.counters ?? []) {
        // A worker that starts anew counts from 0; the sum goes on.
        const key = `${ordinal} ${answer?.manifest.incarnation} ${name} ${resource} ${result}`;
        const counter = name.endsWith("_list_total") ? reference.listTotal : reference.watchTotal;
        counter.add(Math.max(0, value - (counted.get(key) ?? 0)), { resource, result });
        counted.set(key, value);
      }
    if (last.faults.length > 0) return;
    const request = {
      format: "text",
      resources: undefined,
      excludeResources: new Set<string>(),
    } as const;
    const sizes = pieceSizes(
      expositionPieces(last, request, { selfSamples: false, part: undefined }),
    );
    size.set(sizes.identity, { encoding: "identity" });
    size.set(sizes.gzip, { encoding: "gzip" });
  });
}
