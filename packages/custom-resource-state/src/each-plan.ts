import { readLabelName, readLabelPaths, readPath } from "./label-fields.ts";
import type { Path } from "./path.ts";
import type { Reader } from "./reader.ts";

/** What the samples of a metric are, by type. Paths but the first are relative to what the first selects. */
export type EachPlan = GaugePlan | InfoPlan | StateSetPlan;

export interface GaugePlan {
  readonly type: "gauge";
  readonly path: Path;
  readonly valueFrom: Path;
  readonly labelPaths: ReadonlyMap<string, Path>;
  /** `""`: none. */
  readonly labelFromKey: string;
  readonly nilIsZero: boolean;
}

export interface InfoPlan {
  readonly type: "info";
  readonly path: Path;
  readonly labelPaths: ReadonlyMap<string, Path>;
  readonly labelFromKey: string;
}

export interface StateSetPlan {
  readonly type: "stateset";
  readonly path: Path;
  readonly valueFrom: Path;
  readonly labelPaths: ReadonlyMap<string, Path>;
  readonly labelName: string;
  readonly list: readonly string[];
}

const memberOf = { gauge: "gauge", info: "info", stateset: "stateSet" } as const;

/** The `each` of a metric; `undefined` when it is wrong, which has been noted. The members of other types have no effect. */
export function readEach(reader: Reader): EachPlan | undefined {
  const members = reader.members(["type", "gauge", "info", "stateSet"]);
  const written = members.type.text();
  const type = written.toLowerCase();
  if (type !== "gauge" && type !== "info" && type !== "stateset") {
    members.type.fault(`should be Gauge, Info or StateSet and is ${JSON.stringify(written)}`);
    return undefined;
  }
  const member = members[memberOf[type]];
  if (member.isAbsent) {
    member.fault(`is missing and needed for the type ${written}`);
    return undefined;
  }
  switch (type) {
    case "gauge":
      return readGauge(member);
    case "info":
      return readInfo(member);
    case "stateset":
      return readStateSet(member);
  }
}

function readGauge(reader: Reader): GaugePlan | undefined {
  const members = reader.members([
    "path",
    "valueFrom",
    "labelsFromPath",
    "labelFromKey",
    "nilIsZero",
  ]);
  const path = readPath(members.path);
  const valueFrom = readPath(members.valueFrom);
  const labelPaths = readLabelPaths(members.labelsFromPath);
  const labelFromKey = readLabelName(members.labelFromKey);
  const nilIsZero = members.nilIsZero.bool();
  if (path === undefined || valueFrom === undefined) return undefined;
  return { type: "gauge", path, valueFrom, labelPaths, labelFromKey, nilIsZero };
}

function readInfo(reader: Reader): InfoPlan | undefined {
  const members = reader.members(["path", "labelsFromPath", "labelFromKey"]);
  const path = readPath(members.path);
  const labelPaths = readLabelPaths(members.labelsFromPath);
  const labelFromKey = readLabelName(members.labelFromKey);
  return path && { type: "info", path, labelPaths, labelFromKey };
}

function readStateSet(reader: Reader): StateSetPlan | undefined {
  const members = reader.members(["path", "valueFrom", "labelsFromPath", "labelName", "list"]);
  const path = readPath(members.path);
  const valueFrom = readPath(members.valueFrom);
  const labelPaths = readLabelPaths(members.labelsFromPath);
  const labelName = readLabelName(members.labelName);
  const list = members.list.texts();
  if (labelName === "" && list.length > 0)
    members.labelName.fault("is missing: each state would be a label without a name");
  if (path === undefined || valueFrom === undefined) return undefined;
  return { type: "stateset", path, valueFrom, labelPaths, labelName, list };
}
