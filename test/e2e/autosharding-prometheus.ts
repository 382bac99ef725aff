import { loadNamespace } from "./autosharding-load.ts";
import type { PodHistory } from "./pod-history.ts";
import { Prometheus, type Series } from "./prometheus.ts";

/** What a Prometheus that scraped the coordinators' Service has of the whole run. */
export interface PrometheusReport {
  readonly scrapes: number;
  /** Scrapes that came to nothing: all series end there. */
  readonly failedScrapes: number;
  /** Connections that a replica refused; another took them. */
  readonly refusedConnections: number;
  /** Greatest difference of `count(kube_pod_info)` from the pods that there were, at a scrape. */
  readonly largestDeviation: number;
  /** Scrapes at which it differed by more than what had changed within a scrape interval. */
  readonly beyondChanges: number;
  /** Most pods that came or went within a scrape interval. */
  readonly mostChanges: number;
  /** Pods that were there for the whole interval before a scrape, and are not in it though it says that its pods are complete. */
  readonly missingPods: number;
  /** Pods that were not there at any moment of the interval, and are in it though it says so. */
  readonly deadPods: number;
  /** Both, in scrapes that say that their pods are not complete: those of a shard that is away. */
  readonly wrongWhileIncomplete: number;
  /** Pods that are in a scrape twice. */
  readonly doubledPods: number;
  /** Series of the objects that stay. */
  readonly steadySeries: number;
  /** Scrapes at which one of them has no sample. */
  readonly gaps: number;
  /** Milliseconds between samples of one of them, at most. */
  readonly longestSpacing: number;
  readonly examples: readonly string[];
}

const intervalSeconds = 5;
/** The history hears of a change a little later than the workers may. */
const historySeconds = 0.5;
const job = "kube-state-metrics";
const everything = "[1h]";

/** A real Prometheus that scrapes one target every 5 s. */
export function startPrometheus(host: string): Promise<Prometheus> {
  return Prometheus.start({
    config: {
      global: { scrape_interval: `${intervalSeconds}s`, scrape_timeout: `${intervalSeconds}s` },
      scrape_configs: [{ job_name: job, static_configs: [{ targets: [host] }] }],
    },
  });
}

/** Compares what it has with the pods that the API server had. */
export async function judgePrometheus(
  prometheus: Prometheus,
  history: PodHistory,
  { steadySeries, refusedConnections }: { steadySeries: number; refusedConnections: number },
): Promise<PrometheusReport> {
  const [up] = await prometheus.samples(`up{job="${job}"}${everything}`);
  const all = up?.values ?? [];
  const scrapes = all.filter(([, value]) => value === "1").map(([at]) => at);
  const examples: string[] = [];
  const counts = await countsAt(prometheus, scrapes);
  // A sample has the time at which its scrape began; what is shown is of when it ended.
  const [durations] = await prometheus.samples(
    `scrape_duration_seconds{job="${job}"}${everything}`,
  );
  const seconds = new Map(durations?.values.map(([at, value]) => [at, Number(value)]));
  const endOf = (at: number): number => at + (seconds.get(at) ?? 0) + historySeconds;
  const found = { largestDeviation: 0, beyondChanges: 0, mostChanges: 0 };
  // The pods that were there before the history began are as old as it is.
  for (const [i, at] of scrapes.entries()) {
    const changes = history.changes(at - intervalSeconds, endOf(at));
    const deviation = Math.abs((counts[i] ?? 0) - history.at(at));
    found.mostChanges = Math.max(found.mostChanges, changes);
    found.largestDeviation = Math.max(found.largestDeviation, deviation);
    if (deviation <= changes) continue;
    found.beyondChanges += 1;
    examples.push(`at ${at} ${counts[i]} pods for ${history.at(at)}, with ${changes} changes`);
  }
  const infos = await prometheus.samples(`kube_pod_info{job="${job}"}${everything}`);
  const statements = await prometheus.samples(
    `kube_state_mosaic_complete{job="${job}",resource="pods"}${everything}`,
  );
  const incomplete = new Set(
    statements.flatMap(({ values }) =>
      values.flatMap(([at, value]) => (value === "0" ? [at] : [])),
    ),
  );
  const pods = judgePods(infos, { scrapes, incomplete, history, endOf });
  for (const at of pods.wrongAt) pods.examples.push(`at ${at}: ${await stateAt(prometheus, at)}`);
  const steady = await prometheus.samples(
    `{job="${job}",namespace="${loadNamespace}",pod=~"steady-.*"}${everything}`,
  );
  const steadyMaps = await prometheus.samples(
    `{job="${job}",namespace="${loadNamespace}",configmap=~"steady-.*"}${everything}`,
  );
  const gaps = judgeGaps([...steady, ...steadyMaps], scrapes);
  const seriesFound = steady.length + steadyMaps.length;
  if (seriesFound !== steadySeries) examples.push(`${seriesFound} series of ${steadySeries}`);
  return {
    scrapes: all.length,
    failedScrapes: all.length - scrapes.length,
    refusedConnections,
    ...found,
    ...pods.counts,
    steadySeries: seriesFound,
    ...gaps.counts,
    examples: [...examples, ...pods.examples, ...gaps.examples].slice(0, 8),
  };
}

/** `count(kube_pod_info)` as of each scrape. */
async function countsAt(
  prometheus: Prometheus,
  scrapes: readonly number[],
): Promise<readonly number[]> {
  const [start, end] = [scrapes[0] ?? 0, scrapes.at(-1) ?? 0];
  const [series] = await prometheus.range(`count(kube_pod_info{job="${job}"})`, {
    // Just behind the scrapes, which are that regular.
    start: start + 0.1,
    end: end + 0.2,
    step: intervalSeconds,
  });
  const values = series?.values ?? [];
  return scrapes.map((at) => {
    const value = values.find(([time]) => time >= at && time < at + intervalSeconds);
    return Number(value?.[1] ?? 0);
  });
}

/** What a scrape said of itself, and how many seconds it took. */
async function stateAt(prometheus: Prometheus, at: number): Promise<string> {
  const expression = `kube_state_mosaic_complete{resource="pods"} or kube_state_mosaic_oldest_manifest_age_seconds or kube_state_mosaic_epoch or scrape_duration_seconds`;
  const series = await prometheus.range(expression, {
    start: at + 0.001,
    end: at + 0.001,
    step: 1,
  });
  return series
    .map(({ metric, values }) => {
      const { __name__: name, reason = "" } = metric;
      return `${name}${reason === "" ? "" : `(${reason})`} ${values[0]?.[1]}`;
    })
    .join(", ");
}

function judgePods(
  infos: readonly Series[],
  {
    scrapes,
    incomplete,
    history,
    endOf,
  }: {
    scrapes: readonly number[];
    incomplete: ReadonlySet<number>;
    history: PodHistory;
    endOf: (at: number) => number;
  },
) {
  const counts = { missingPods: 0, deadPods: 0, doubledPods: 0, wrongWhileIncomplete: 0 };
  const examples: string[] = [];
  const wrongAt: number[] = [];
  const byScrape = new Map<number, string[]>(scrapes.map((at) => [at, []]));
  for (const { metric, values } of infos)
    for (const [at] of values) byScrape.get(at)?.push(metric["uid"] ?? "");
  for (const [at, uids] of byScrape) {
    const shown = new Set(uids);
    counts.doubledPods += uids.length - shown.size;
    const [from, to] = [at - intervalSeconds, endOf(at)];
    const missing = history.throughout(from, to).filter((uid) => !shown.has(uid));
    const dead = [...shown].filter((uid) => !history.wasThere(uid, from, to));
    if (incomplete.has(at)) {
      counts.wrongWhileIncomplete += missing.length + dead.length;
      continue;
    }
    counts.missingPods += missing.length;
    counts.deadPods += dead.length;
    const list = (uids: readonly string[]): string =>
      uids.map((uid) => history.describe(uid, at)).join(", ");
    if (missing.length > 0) examples.push(`at ${at} missing pods: ${list(missing)}`);
    if (dead.length > 0) examples.push(`at ${at} dead pods: ${list(dead)}`);
    if (missing.length > 0 || dead.length > 0) wrongAt.push(at);
  }
  return { counts, examples, wrongAt };
}

function judgeGaps(steady: readonly Series[], scrapes: readonly number[]) {
  const counts = { gaps: 0, longestSpacing: 0 };
  const examples: string[] = [];
  for (const { metric, values } of steady) {
    const times = new Set(values.map(([at]) => at));
    const lacking = scrapes.filter((at) => !times.has(at));
    counts.gaps += lacking.length;
    if (lacking.length > 0)
      examples.push(`${JSON.stringify(metric)} is not at ${lacking.join(", ")}`);
    for (const [i, [at]] of values.entries()) {
      const before = values[i - 1]?.[0] ?? at;
      counts.longestSpacing = Math.max(counts.longestSpacing, Math.round((at - before) * 1_000));
    }
  }
  return { counts, examples };
}
