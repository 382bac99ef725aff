import { sanitizeLabelName } from "@kube-state-mosaic/exposition";
import { isLabelName, starPrefix } from "./labels.ts";
import { compilePath, PathFault, type Path } from "./path.ts";
import type { Reader } from "./reader.ts";

/** The two maps that give labels, of a resource or a metric. */
export interface ReadLabels {
  readonly common: ReadonlyMap<string, string>;
  readonly paths: ReadonlyMap<string, Path>;
}

/** Constant labels: names are written as they are, so they must be label names. */
export function readCommonLabels(reader: Reader): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [name, value] of reader.entries()) {
    if (!isLabelName(name)) value.fault(notALabel(name));
    labels.set(name, value.text());
  }
  return labels;
}

/** Labels from the object: names are made of the keys, which is why few keys are wrong. */
export function readLabelPaths(reader: Reader): Map<string, Path> {
  const paths = new Map<string, Path>();
  for (const [key, value] of reader.entries()) {
    const prefix = starPrefix(key);
    // A prefix is followed by a key of the object: only its beginning counts, and no prefix is none.
    const name = sanitizeLabelName(prefix === undefined ? key : `${prefix}_`);
    if (!isLabelName(name))
      value.fault(
        prefix === undefined
          ? notALabel(name)
          : `labels whose names begin with ${JSON.stringify(prefix)} make an exposition that nobody can read`,
      );
    const path = readPath(value);
    if (path !== undefined) paths.set(key, path);
  }
  return paths;
}

/** A label name that is written as given; `""` when there is none. */
export function readLabelName(reader: Reader): string {
  const name = reader.text();
  if (name !== "" && !isLabelName(name)) reader.fault(notALabel(name));
  return name;
}

/** A path; `undefined` when it cannot be one, which has been noted. */
export function readPath(reader: Reader): Path | undefined {
  const path = compilePath(reader.texts());
  if (!(path instanceof PathFault)) return path;
  reader.list()[path.index]?.fault(path.reason);
  return undefined;
}

function notALabel(name: string): string {
  return `${JSON.stringify(name)} is no label name: letters, digits and _ make one, and no digit comes first`;
}
