import type { CounterReport } from "@kube-state-mosaic/store";
import type { ReferenceMetrics } from "@kube-state-mosaic/telemetry";

/**
 * The reference's metrics, with the list and watch counters kept a second time: a coordinator repeats them, so that one target has
 * those of all workers.
 */
export function countRequests(reference: ReferenceMetrics): {
  readonly reference: ReferenceMetrics;
  readonly counts: () => readonly CounterReport[];
} {
  const reports = new Map<string, CounterReport>();
  const counting = (name: string, metric: ReferenceMetrics["listTotal"]) => ({
    add(value: number, labels: { resource: string; result: string }): void {
      metric.add(value, labels);
      const { resource, result } = labels;
      const key = `${name} ${resource} ${result}`;
      reports.set(key, [name, resource, result, (reports.get(key)?.[3] ?? 0) + value]);
    },
  });
  return {
    reference: {
      ...reference,
      listTotal: {
        ...reference.listTotal,
        ...counting("kube_state_metrics_list_total", reference.listTotal),
      },
      watchTotal: {
        ...reference.watchTotal,
        ...counting("kube_state_metrics_watch_total", reference.watchTotal),
      },
    },
    counts: () => [...reports.values()],
  };
}
