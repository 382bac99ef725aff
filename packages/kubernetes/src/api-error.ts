import { ExporterError } from "@kube-state-mosaic/errors";
import { parseStatus, type Status } from "@kube-state-mosaic/wire";

/** An answer of the API server that is not a success, with the Status it carried or one made from the HTTP code. */
export class ApiError extends ExporterError {
  readonly httpStatus: number;
  readonly status: Status;
  /** Whether the body was a Status; proxies and overloaded servers answer with text or HTML. */
  readonly hasStatus: boolean;
  /** Seconds the server asks to wait, 0 when it does not. */
  readonly retryAfterSeconds: number;

  constructor(request: string, answer: ErrorAnswer) {
    const parsed = parseStatus(answer.body);
    const status = parsed ?? statusOf(answer.httpStatus, excerpt(answer.body));
    super(
      `API_${snakeCase(status.reason) || "ERROR"}`,
      `${request} answered ${answer.httpStatus}${status.message ? `: ${status.message}` : ""}`,
      { context: { httpStatus: answer.httpStatus, reason: status.reason } },
    );
    this.name = "ApiError";
    this.httpStatus = answer.httpStatus;
    this.status = status;
    this.hasStatus = parsed !== undefined;
    this.retryAfterSeconds = wholeSeconds(answer.retryAfter) || status.retryAfterSeconds;
  }
}

export interface ErrorAnswer {
  readonly httpStatus: number;
  /** The first few KiB of the body. */
  readonly body: Buffer;
  /** The `Retry-After` header. */
  readonly retryAfter: string | undefined;
}

/** Whether the asked-for version is compacted away. */
export function isExpired(status: Status): boolean {
  if (status.reason === "Expired" || status.reason === "Gone") return true;
  return status.code === 410 && !KNOWN_REASONS.has(status.reason);
}

/** Whether the asked-for version is above the server's; old servers say so only in a message. */
export function isTooLargeVersion(status: Status): boolean {
  const text = "Too large resource version";
  return (
    status.causes.some(
      (cause) => cause.reason === "ResourceVersionTooLarge" || cause.message.includes(text),
    ) || status.message.includes(text)
  );
}

export function isTooManyRequests(status: Status): boolean {
  return status.code === 429 || status.reason === "TooManyRequests";
}

const REASONS: ReadonlyMap<number, string> = new Map([
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [406, "NotAcceptable"],
  [409, "Conflict"],
  [410, "Gone"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [503, "ServiceUnavailable"],
  [504, "Timeout"],
]);

const KNOWN_REASONS: ReadonlySet<string> = new Set([...REASONS.values(), "InternalError"]);

function statusOf(code: number, message: string): Status {
  const reason = REASONS.get(code) ?? (code >= 500 ? "InternalError" : "");
  return { code, reason, message, causes: [], retryAfterSeconds: 0 };
}

/** Other forms of Retry-After (dates) are ignored, as in client-go. */
function wholeSeconds(text: string | undefined): number {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
}

function excerpt(body: Buffer): string {
  const text = body.toString("utf8", 0, 300).replace(/\s+/g, " ").trim();
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function snakeCase(reason: string): string {
  return reason
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z_]/g, "")
    .toUpperCase();
}
