import { ExporterError } from "@kube-state-mosaic/errors";

/**
 * What can be wrong with received bytes:
 * `WIRE_TRUNCATED` they stop too early, `WIRE_INVALID` they cannot be what they should be,
 * `WIRE_TOO_LARGE` one item is over the limit, `WIRE_UNEXPECTED` they are well-formed but something else.
 */
type WireCode = "WIRE_TRUNCATED" | "WIRE_INVALID" | "WIRE_TOO_LARGE" | "WIRE_UNEXPECTED";

export function wireError(code: WireCode, message: string, cause?: unknown): ExporterError {
  return new ExporterError(code, message, cause === undefined ? {} : { cause });
}
