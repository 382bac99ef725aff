import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { Status } from "@kube-state-mosaic/wire";
import { ApiError, isExpired, isTooLargeVersion, isTooManyRequests } from "./api-error.ts";

/**
 * Why a list or watch did not go on, as far as the next step depends on it:
 * `expired` the version is compacted away; `too-large` it is above the server's; `throttled` asked to come later;
 * `not-acceptable` the format; `status` refused by the API server itself; `connection` never reached it or lost it;
 * `cut` by us, because it was silent or overdue; `unreadable` bytes that cannot be what they should.
 */
export interface Failure {
  readonly kind:
    | "expired"
    | "too-large"
    | "throttled"
    | "not-acceptable"
    | "status"
    | "connection"
    | "cut"
    | "unreadable";
  readonly message: string;
  /** Code of an ExporterError, or reason of a Status. */
  readonly reason: string;
  readonly retryAfterSeconds: number;
  /** Undefined when there was no answer; 200 for what came inside a stream. */
  readonly httpStatus: number | undefined;
  readonly status: Status | undefined;
  readonly error: unknown;
}

export function failureOf(error: unknown): Failure {
  const base = {
    message: messageOf(error),
    reason: error instanceof ExporterError ? error.code : "",
    retryAfterSeconds: 0,
    httpStatus: undefined,
    status: undefined,
    error,
  };
  if (error instanceof ApiError)
    return {
      ...base,
      kind: apiKind(error),
      reason: error.status.reason,
      retryAfterSeconds: error.retryAfterSeconds,
      httpStatus: error.httpStatus,
      status: error.status,
    };
  // Not one of ours: a defect that these bytes brought to light. It must be seen, and must not end the others.
  if (!(error instanceof ExporterError)) return { ...base, kind: "unreadable", httpStatus: 200 };
  if (error.code.startsWith("CUT_")) return { ...base, kind: "cut", httpStatus: 200 };
  // A body that stops early is the connection's doing, not the encoder's.
  if (error.code.startsWith("WIRE_") && error.code !== "WIRE_TRUNCATED")
    return { ...base, kind: "unreadable", httpStatus: 200 };
  return { ...base, kind: "connection" };
}

/** An ERROR event. */
export function failureOfStatus(status: Status): Failure {
  return {
    kind: statusKind(status),
    message: `ERROR event ${status.code} ${status.reason}: ${status.message}`,
    reason: status.reason,
    retryAfterSeconds: status.retryAfterSeconds,
    httpStatus: 200,
    status,
    error: undefined,
  };
}

/** A body that ended cleanly, but before what it was read for. */
export function endedEarly(message: string): Failure {
  return {
    kind: "connection",
    message,
    reason: "",
    retryAfterSeconds: 0,
    httpStatus: 200,
    status: undefined,
    error: undefined,
  };
}

/** Whether a streaming list was refused for good, rather than for now. */
export function refusesStreaming(failure: Failure): boolean {
  const { status } = failure;
  if (status === undefined) return false;
  return status.code === 422 || status.message.includes("RequestWatchProgress");
}

/** Whether a server with sharded lists does not take the selector's form. */
export function refusesShardSelector(failure: Failure): boolean {
  return failure.message.includes("invalid shard selector");
}

function apiKind(error: ApiError): Failure["kind"] {
  if (error.httpStatus === 406) return "not-acceptable";
  const kind = statusKind(error.status);
  // Without a Status it was a proxy that answered: the API server is out of reach.
  return kind === "status" && !error.hasStatus && error.httpStatus >= 500 ? "connection" : kind;
}

function statusKind(status: Status): Failure["kind"] {
  if (isExpired(status)) return "expired";
  if (isTooLargeVersion(status)) return "too-large";
  if (isTooManyRequests(status)) return "throttled";
  return "status";
}
