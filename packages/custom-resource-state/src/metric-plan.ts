import type { EachPlan } from "./each-plan.ts";
import { readEach } from "./each-plan.ts";
import { readCommonLabels, readLabelPaths, type ReadLabels } from "./label-fields.ts";
import type { Path } from "./path.ts";
import type { Reader } from "./reader.ts";

/** A metric as it is configured, checked, with what it has from its resource. */
export interface MetricPlan {
  /** With the prefix. */
  readonly name: string;
  readonly help: string;
  /** Constant labels of the resource, which the automatic ones may replace. */
  readonly resourceLabels: ReadonlyMap<string, string>;
  /** Constant labels of the metric. */
  readonly metricLabels: ReadonlyMap<string, string>;
  /** Relative to the object. */
  readonly labelPaths: ReadonlyMap<string, Path>;
  /** Lowest log verbosity at which errors are logged. */
  readonly errorLogV: number;
  readonly each: EachPlan;
}

interface Inherited {
  readonly prefix: string;
  readonly labels: ReadLabels;
  readonly errorLogV: number;
}

/** A metric; `undefined` when it cannot be one, which has been noted. */
export function readMetric(reader: Reader, inherited: Inherited): MetricPlan | undefined {
  const members = reader.members([
    "name",
    "help",
    "commonLabels",
    "labelsFromPath",
    "errorLogV",
    "each",
  ]);
  const { prefix, labels, errorLogV } = inherited;
  const name = (prefix === "" ? "" : `${prefix}_`) + members.name.text();
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name))
    members.name.fault(
      `${JSON.stringify(name)} is no metric name: letters, digits, _ and : make one, and no digit comes first`,
    );
  const metricLabels = readCommonLabels(members.commonLabels);
  const paths = readLabelPaths(members.labelsFromPath);
  const ownErrorLogV = members.errorLogV.int32();
  const help = members.help.text();
  const each = readEach(members.each);
  if (each?.type === "info" && !name.endsWith("_info"))
    members.name.warn(`${name} is of type Info and does not end in _info`);
  return (
    each && {
      name,
      help,
      resourceLabels: labels.common,
      metricLabels,
      labelPaths: new Map([...labels.paths, ...paths]),
      errorLogV: ownErrorLogV === 0 ? errorLogV : ownErrorLogV,
      each,
    }
  );
}
