import { messageOf } from "@kube-state-mosaic/errors";
import { wireError } from "./wire-error.ts";

/** Sixteen digits in a row outside a string could be an integer that a double cannot hold. */
const longInteger = /[:,[\s-]\d{16,}/;

/**
 * `JSON.parse`, but integers beyond 2^53 become bigints and keep every digit. Throws an ExporterError `WIRE_INVALID`.
 */
export function parseJson(text: string): unknown {
  try {
    return longInteger.test(text) ? JSON.parse(text, exact) : JSON.parse(text);
  } catch (cause) {
    throw wireError("WIRE_INVALID", `JSON cannot be parsed: ${messageOf(cause)}`, cause);
  }
}

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}
