import { ExporterError } from "@kube-state-mosaic/errors";
import { readMetric, type MetricPlan } from "./metric-plan.ts";
import { readCommonLabels, readLabelPaths, type ReadLabels } from "./label-fields.ts";
import { Findings, Reader } from "./reader.ts";
import { parseYamlTree, type Tree } from "./yaml-tree.ts";

/** A configuration as text and what messages call it: a file's name, or the flag it was given with. */
export interface ConfigurationSource {
  readonly name: string;
  readonly text: string;
}

/** One item of `spec.resources`. */
export interface ConfiguredResource {
  readonly group: string;
  /** `*` for every served version. */
  readonly version: string;
  /** `*` for every kind of the group. */
  readonly kind: string;
  /** `resourcePlural`; `""` when absent. Changes no metric: the plural is that of the definition. */
  readonly plural: string;
  readonly metrics: readonly MetricPlan[];
  /** `crs.yaml: spec.resources[2]`, for messages. */
  readonly where: string;
  /** Equal for items that say the same: what was made of one may be kept for the other. */
  readonly fingerprint: string;
}

/** Configurations that can be used. */
export interface Configuration {
  /** In the order of the sources, then as written. */
  readonly resources: readonly ConfiguredResource[];
  /** What is there and has no effect, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the first YAML (or JSON) document of each source. Throws an ExporterError `CUSTOM_RESOURCE_CONFIG_INVALID` whose message
 * has a line `source:line:column: path: reason` for everything that is wrong, in all sources.
 */
export function readConfiguration(sources: readonly ConfigurationSource[]): Configuration {
  const resources: ConfiguredResource[] = [];
  const faults: string[] = [];
  const warnings: string[] = [];
  for (const { name, text } of sources) {
    const findings = new Findings(name);
    const tree = parseYamlTree(text);
    if ("reason" in tree) findings.fault(tree.at, "", tree.reason);
    else resources.push(...readDocument(tree, name, findings));
    faults.push(...findings.faults);
    warnings.push(...findings.warnings);
  }
  if (faults.length > 0)
    throw new ExporterError(
      "CUSTOM_RESOURCE_CONFIG_INVALID",
      `failed to parse Custom Resource State metrics: ${faults.join("\n")}`,
      { context: { faults: faults.length } },
    );
  return { resources, warnings };
}

function readDocument(tree: Tree, source: string, findings: Findings): ConfiguredResource[] {
  const root = new Reader(tree, findings).members(["kind", "apiVersion", "spec"]);
  const { resources } = root.spec.members(["resources"]);
  return resources.list().flatMap((reader) => readResource(reader, source) ?? []);
}

function readResource(reader: Reader, source: string): ConfiguredResource | undefined {
  const members = reader.members([
    "groupVersionKind",
    "resourcePlural",
    "metricNamePrefix",
    "commonLabels",
    "labelsFromPath",
    "errorLogV",
    "metrics",
  ]);
  const { group, version, kind } = readKind(members.groupVersionKind);
  const plural = members.resourcePlural.text();
  const labels: ReadLabels = {
    common: readCommonLabels(members.commonLabels),
    paths: readLabelPaths(members.labelsFromPath),
  };
  const inherited = {
    prefix: members.metricNamePrefix.text("kube_customresource"),
    labels,
    errorLogV: members.errorLogV.int32(),
  };
  const metrics = members.metrics.list().flatMap((metric) => readMetric(metric, inherited) ?? []);
  if (group === undefined) return undefined;
  const where = `${source}: ${reader.path}`;
  return { group, version, kind, plural, metrics, where, fingerprint: reader.fingerprint() };
}

/** Without a group the item is skipped, as in the reference, where the others go on as well. */
function readKind(reader: Reader): { group: string | undefined; version: string; kind: string } {
  const members = reader.members(["group", "version", "kind"]);
  const group = members.group.text();
  if (group === "" || group === "*")
    members.group.warn("a group is required, and no pattern: this resource is left out");
  return {
    group: group === "" || group === "*" ? undefined : group,
    version: members.version.text("*") || "*",
    kind: members.kind.text("*") || "*",
  };
}
