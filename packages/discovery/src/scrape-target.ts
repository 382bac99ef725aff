import type { Job } from "./configuration.ts";
import { parseDuration } from "./duration.ts";
import { addressLabel } from "./labels.ts";
import { relabel } from "./relabel.ts";
import { mergedLabels, type Labels, type LabelSet, type TargetGroup } from "./target-group.ts";

/** What becomes of a discovered target on its way to a scrape: its final labels, or why it is not scraped. */
export type ScrapeTarget =
  | {
      readonly kind: "active";
      /** Before relabeling, with the job's defaults. */
      readonly discovered: LabelSet;
      /** After it, without `__meta_…`. */
      readonly labels: LabelSet;
    }
  | {
      readonly kind: "dropped" | "invalid";
      readonly discovered: LabelSet;
      readonly reason: string;
    };

/** Does with a target what Prometheus does: defaults, relabeling, checks. */
export function scrapeTarget(target: LabelSet, group: TargetGroup, job: Job): ScrapeTarget {
  const discovered: Labels = mergedLabels(target, group.labels);
  for (const [name, value] of job.defaults)
    if (!discovered.has(name) && value !== "") discovered.set(name, value);
  const relabeled = relabel(discovered, job.relabeling);
  if (relabeled.kind === "dropped") {
    const { rule, value } = relabeled;
    const reason = `${rule.shown} with the value ${JSON.stringify(value)}`;
    return { kind: "dropped", discovered, reason };
  }
  const { labels } = relabeled;
  const fault = faultOf(labels);
  if (fault !== undefined) return { kind: "invalid", discovered, reason: fault };
  for (const name of labels.keys()) if (name.startsWith("__meta_")) labels.delete(name);
  return { kind: "active", discovered, labels };
}

function faultOf(labels: LabelSet): string | undefined {
  const address = labels.get(addressLabel) ?? "";
  if (address === "") return "it has no address";
  if (address.includes("/")) return `"${address}" is not an address: there is a / in it`;
  const interval = durationIn(labels, "__scrape_interval__");
  const timeout = durationIn(labels, "__scrape_timeout__");
  if (interval === undefined) return "__scrape_interval__ is not a duration above 0";
  if (timeout === undefined) return "__scrape_timeout__ is not a duration above 0";
  return timeout > interval ? "__scrape_timeout__ is above __scrape_interval__" : undefined;
}

function durationIn(labels: LabelSet, name: string): number | undefined {
  return parseDuration(labels.get(name) ?? "") || undefined;
}
