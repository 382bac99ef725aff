import type { Job } from "./configuration.ts";
import { addressLabel } from "./labels.ts";
import { scrapeTarget } from "./scrape-target.ts";
import { mergedLabels, type LabelSet, type TargetGroup } from "./target-group.ts";

/** A group in the form of http_sd and file_sd: addresses with all their labels, in order of the names. */
export interface ExchangeGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The targets of a group as http_sd and file_sd can say them: the labels of target and group together, targets with equal labels
 * joined. With `relabeled`, only the targets that are left after the job's relabeling, with what it made of their labels.
 */
export function exchangeGroups(
  group: TargetGroup,
  job: Job,
  { relabeled }: { relabeled: boolean },
): ExchangeGroup[] {
  const byLabels = new Map<string, { targets: string[]; labels: Record<string, string> }>();
  for (const target of group.targets) {
    const labels = relabeled
      ? afterRelabeling(target, group, job)
      : mergedLabels(target, group.labels);
    if (labels === undefined) continue;
    // Before relabeling an address may be empty, as that of an ingress for all hosts: the reader's relabeling may give it one.
    const address = labels.get(addressLabel) ?? "";
    const record = inOrder(labels);
    const key = JSON.stringify(record);
    const same = byLabels.get(key);
    if (same === undefined) byLabels.set(key, { targets: [address], labels: record });
    else same.targets.push(address);
  }
  return [...byLabels.values()];
}

/** The job's own defaults are left to the reader's, which may be others; what relabeling has set differently is said. */
function afterRelabeling(target: LabelSet, group: TargetGroup, job: Job): LabelSet | undefined {
  const result = scrapeTarget(target, group, job);
  if (result.kind !== "active") return undefined;
  const labels = new Map(result.labels);
  for (const [name, value] of job.defaults)
    if (labels.get(name) === value && !group.labels.has(name) && !target.has(name))
      labels.delete(name);
  return labels;
}

function inOrder(labels: LabelSet): Record<string, string> {
  const names = [...labels.keys()].filter((name) => name !== addressLabel).sort();
  return Object.fromEntries(names.map((name) => [name, labels.get(name) ?? ""]));
}
