import { compareBytes, escapeLabelValue, formatValue } from "@kube-state-mosaic/exposition";
import type { Family, Resource } from "@kube-state-mosaic/metric-families";
import { jsonObject, type JsonObject } from "@kube-state-mosaic/wire";
import type { ConfiguredResource } from "./configuration.ts";
import { isMapping, memberOf } from "./json-value.ts";
import { labelText } from "./label-text.ts";
import { labelsFromPaths, sortedPairs, type Labels } from "./labels.ts";
import type { MetricPlan } from "./metric-plan.ts";
import { compileEach } from "./samples.ts";

/** A kind that a CustomResourceDefinition defines, in one of its served versions. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A value that a metric could not have of an object; the sample is left out, others are not concerned. */
export interface ValueError {
  readonly metric: string;
  /** `[status,missing]: got nil while resolving path`. */
  readonly message: string;
  /** Lowest log verbosity at which it is to be logged. */
  readonly errorLogV: number;
  /** `""` for an object of the cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** The name a custom resource has on the exposition, by which it is sorted among the others. */
export function customResourceName({ group, version, plural }: CustomKind): string {
  return `${group}/${version}, Resource=${plural}`;
}

/** A configured resource for one kind: like a built-in one, but read whole, as JSON, and without a choice of labels. */
export function customResource(
  configured: ConfiguredResource,
  kind: CustomKind,
  onError: (error: ValueError) => void,
): Resource<JsonObject> {
  const { group, version, plural, namespaced } = kind;
  const families = configured.metrics.map((metric) => familyOf(metric, kind, onError));
  return {
    name: customResourceName(kind),
    kind: kind.kind,
    group,
    version,
    path: `/apis/${group}/${version}/${plural}`,
    namespaced,
    enabledByDefault: true,
    reads: "full",
    schema: jsonObject,
    identity: {},
    families: () => families,
  };
}

function familyOf(
  metric: MetricPlan,
  kind: CustomKind,
  onError: (error: ValueError) => void,
): Family<JsonObject> {
  const { name, help, each, errorLogV } = metric;
  const constant = pairsOf(
    new Map([
      ...metric.resourceLabels,
      ["customresource_group", kind.group],
      ["customresource_version", kind.version],
      ["customresource_kind", kind.kind],
      ...metric.metricLabels,
    ]),
  );
  const addLabels = labelsFromPaths(metric.labelPaths);
  const samplesOf = compileEach(each);
  return {
    name,
    help,
    type: each.type,
    stability: "ALPHA",
    optIn: false,
    labelNames: [],
    render(object) {
      const report = (message: string): void =>
        onError({ metric: name, message, errorLogV, ...identityOf(object) });
      const samples = samplesOf(object, report);
      if (samples.length === 0) return "";
      const ofObject: Labels = new Map();
      addLabels(ofObject, object);
      const base = merged(constant, pairsOf(ofObject));
      let text = "";
      for (const { labels, value } of samples)
        text += `${name}{${labelsText(base, labels)}} ${formatValue(value)}\n`;
      return text;
    },
  };
}

/** A label with its text in a sample, `name="value"`. Lists of them are in byte order of the names, which are different. */
interface Pair {
  readonly name: string;
  readonly text: string;
}

function pairsOf(labels: Labels): Pair[] {
  return sortedPairs(labels).map(([name, value]) => ({
    name,
    text: `${name}="${escapeLabelValue(value)}"`,
  }));
}

/** Both lists as one; of two labels of a name the upper one counts. */
function merged(lower: readonly Pair[], upper: readonly Pair[]): readonly Pair[] {
  if (upper.length === 0) return lower;
  const pairs: Pair[] = [];
  let next = 0;
  for (const pair of upper) {
    for (let below = lower[next]; below !== undefined; below = lower[++next]) {
      const order = compareBytes(below.name, pair.name);
      if (order > 0) break;
      if (order < 0) pairs.push(below);
    }
    pairs.push(pair);
  }
  return [...pairs, ...lower.slice(next)];
}

function labelsText(base: readonly Pair[], own: Labels): string {
  let text = "";
  for (const pair of merged(base, pairsOf(own))) text += text === "" ? pair.text : `,${pair.text}`;
  return text;
}

function identityOf(object: JsonObject): { namespace: string; name: string } {
  const metadata = memberOf(object, "metadata");
  if (!isMapping(metadata)) return { namespace: "", name: "" };
  const textOf = (key: string): string => labelText(memberOf(metadata, key) ?? "");
  return { namespace: textOf("namespace"), name: textOf("name") };
}
