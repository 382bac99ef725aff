import { compareBytes, formatValue } from "@kube-state-mosaic/exposition";
import type { JsonValue } from "@kube-state-mosaic/wire";

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** A value as the text of a label: what Go's default formatting makes of the decoded JSON. */
export function labelText(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint")
    return value >= MIN_INT64 && value <= MAX_INT64 ? String(value) : formatValue(Number(value));
  // A whole number below 2^53 was written, or would be by an API server, as an integer.
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? String(value) : formatValue(value);
  return compositeText(value);
}

function compositeText(
  value: readonly JsonValue[] | { readonly [key: string]: JsonValue },
): string {
  if (Array.isArray(value)) return `[${value.map(labelText).join(" ")}]`;
  const pairs = Object.entries(value).sort(([left], [right]) => compareBytes(left, right));
  return `map[${pairs.map(([key, inner]) => `${key}:${labelText(inner)}`).join(" ")}]`;
}
