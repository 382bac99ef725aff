import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { familyText } from "./family-text.ts";

/** The label argument of a metric: none for a metric without labels. */
export type LabelArguments<L extends string> = [L] extends [never]
  ? []
  : [labels: Readonly<Record<L, string>>];

export interface CounterMetric<L extends string = never> {
  /** Adds a non-negative amount. */
  add(amount: number, ...labels: LabelArguments<L>): void;
}

export interface GaugeMetric<L extends string = never> {
  set(value: number, ...labels: LabelArguments<L>): void;
  add(amount: number, ...labels: LabelArguments<L>): void;
  /** Ends one series; unknown label values are ignored. */
  remove(...labels: LabelArguments<L>): void;
  /** Ends all series. */
  clear(): void;
}

export interface HistogramMetric<L extends string = never> {
  observe(value: number, ...labels: LabelArguments<L>): void;
}

export interface MetricDefinition<L extends string> {
  readonly name: string;
  readonly help: string;
  /** Label names; a metric without labels shows 0 from the start. */
  readonly labels?: readonly L[];
}

export interface HistogramDefinition<L extends string> extends MetricDefinition<L> {
  /** Upper bounds, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

/** The exporter's own metrics: a registry of its own, a few hundred series at most. Names are unique: a second definition throws. */
export interface Telemetry {
  counter<L extends string = never>(definition: MetricDefinition<L>): CounterMetric<L>;
  gauge<L extends string = never>(definition: MetricDefinition<L>): GaugeMetric<L>;
  histogram<L extends string = never>(definition: HistogramDefinition<L>): HistogramMetric<L>;
  /** Runs before each `text()`, to set values that are only known by looking. */
  onCollect(callback: () => void): void;
  /** Adds the families of the Node process, `process_…` and `nodejs_…`. Once per registry. */
  collectProcessMetrics(): void;
  /**
   * The text exposition, families sorted by name, those without series left out; with `names` only these families.
   * Rejects when a callback throws.
   */
  text(names?: ReadonlySet<string>): Promise<string>;
}

export function createTelemetry(): Telemetry {
  const registry = new Registry();
  const registers = [registry];
  const callbacks: (() => void)[] = [];
  return {
    counter: <L extends string>({ name, help, labels = [] }: MetricDefinition<L>) => {
      const counter = new Counter<string>({ name, help, labelNames: [...labels], registers });
      return { add: (amount, ...given) => counter.inc(given[0] ?? {}, amount) };
    },
    gauge: <L extends string>({ name, help, labels = [] }: MetricDefinition<L>) => {
      const gauge = new Gauge<string>({ name, help, labelNames: [...labels], registers });
      return {
        set: (value, ...given) => gauge.set(given[0] ?? {}, value),
        add: (amount, ...given) => gauge.inc(given[0] ?? {}, amount),
        remove: (...given) => gauge.remove(given[0] ?? {}),
        clear: () => gauge.reset(),
      };
    },
    histogram: <L extends string>({ name, help, ...rest }: HistogramDefinition<L>) => {
      const histogram = new Histogram<string>({
        name,
        help,
        labelNames: [...(rest.labels ?? [])],
        buckets: [...rest.buckets],
        registers,
      });
      return { observe: (value, ...given) => histogram.observe(given[0] ?? {}, value) };
    },
    onCollect: (callback) => void callbacks.push(callback),
    collectProcessMetrics: () => collectDefaultMetrics({ register: registry }),
    text: async (names) => {
      for (const callback of callbacks) callback();
      return render(registry, names);
    },
  };
}

async function render(registry: Registry, only: ReadonlySet<string> | undefined): Promise<string> {
  const families = registry.getMetricsAsArray().filter(({ name }) => only?.has(name) ?? true);
  // In the order of registration: one of the event loop's metrics sets the values of those behind it when it is asked.
  const texts = families.map(async ({ name, help }) => {
    const collected = await registry.getSingleMetric(name)?.get();
    if (collected === undefined) return { name, text: "" };
    // The declared enumeration is not there at run time: the type is its word.
    return { name, text: familyText({ ...collected, name, help, type: String(collected.type) }) };
  });
  const sorted = (await Promise.all(texts)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map(({ text }) => text).join("");
}
