import type { CounterMetric, GaugeMetric, Telemetry } from "./telemetry.ts";

/** What a worker tells about layouts and the registry. */
export interface ShardingMetrics {
  readonly layoutEpoch: GaugeMetric;
  readonly layoutMembers: GaugeMetric;
  readonly pendingSeconds: GaugeMetric;
  readonly pendingReason: GaugeMetric<"reason">;
  readonly memberReady: GaugeMetric<"member">;
  readonly viewsAnswerable: GaugeMetric;
  readonly lateSwitch: CounterMetric;
  readonly registryUp: GaugeMetric;
  readonly registryMode: GaugeMetric<"mode">;
  readonly registryConflicts: CounterMetric;
  readonly layoutRestored: CounterMetric;
}

export function shardingMetrics(telemetry: Telemetry): ShardingMetrics {
  const gauge = (name: string, help: string): GaugeMetric =>
    telemetry.gauge({ name: `kube_state_mosaic_${name}`, help });
  const counter = (name: string, help: string): CounterMetric =>
    telemetry.counter({ name: `kube_state_mosaic_${name}`, help });
  return {
    layoutEpoch: gauge("layout_epoch", "Epoch of the layout in force; 0 while there is none."),
    layoutMembers: gauge("layout_members", "Members of the layout in force."),
    pendingSeconds: gauge(
      "layout_pending_seconds",
      "Seconds since the pending layout was proposed; 0 without one.",
    ),
    pendingReason: telemetry.gauge({
      name: "kube_state_mosaic_layout_plan",
      help: "What the planner of this worker does or waits for; the value is always 1.",
      labels: ["reason"],
    }),
    memberReady: telemetry.gauge({
      name: "kube_state_mosaic_layout_member_ready",
      help: "Whether a member can answer for the newest layout, as this worker sees the registry.",
      labels: ["member"],
    }),
    viewsAnswerable: gauge("layout_views", "Layouts this worker can answer for at the moment."),
    lateSwitch: counter(
      "late_switch_seconds",
      "Seconds by which layouts were learned after they had come into force.",
    ),
    registryUp: gauge("registry_up", "Whether the registry answers."),
    registryMode: telemetry.gauge({
      name: "kube_state_mosaic_registry_mode",
      help: "How members and layouts are shared; 0 for uncoordinated, which loses the promise of no gap, else 1.",
      labels: ["mode"],
    }),
    registryConflicts: counter(
      "registry_conflicts_total",
      "Writes of the layout that another planner was ahead of.",
    ),
    layoutRestored: counter(
      "layout_restored_total",
      "Times the registry held an older layout than had been seen before.",
    ),
  };
}
