import { oneOf, type OneOf } from "../family.ts";

interface Status {
  readonly status: string;
}
interface Condition extends Status {
  readonly type: string;
}

const statusValues = ["true", "false", "unknown"] as const;

/** `True`, `False` or `Unknown` as a label value; `""` for anything else, which leaves all three series at 0. */
export function conditionStatus({ status }: Status): string {
  switch (status) {
    case "True":
      return "true";
    case "False":
      return "false";
    case "Unknown":
      return "unknown";
    default:
      return "";
  }
}

/** Three series for each condition, for `true`, `false` and `unknown`, under a label of the given name. */
export function statusOf<T, Row extends Status>(label: string): { oneOf: OneOf<T, Row> } {
  return oneOf(label, statusValues, conditionStatus);
}

/** The status of every condition: labels `condition` and `status`. */
export function conditions<T, Row extends Condition>(
  rows: (object: T) => readonly Row[],
): {
  rows: (object: T) => readonly Row[];
  labels: { condition: (condition: Row) => string };
  oneOf: OneOf<T, Row>;
} {
  return { rows, labels: { condition: ({ type }) => type }, ...statusOf<T, Row>("status") };
}
