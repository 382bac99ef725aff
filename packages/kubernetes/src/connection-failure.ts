import { ExporterError, messageOf } from "@kube-state-mosaic/errors";

export type ConnectionFailureCode = "API_UNREACHABLE" | "API_CONNECTION_LOST";

/** `API_UNREACHABLE`: no answer came; `API_CONNECTION_LOST`: its body broke off. `request` is method and path. */
export function connectionFailure(
  code: ConnectionFailureCode,
  request: string,
  cause: Error,
): ExporterError {
  const [path = request] = request.split("?");
  const what = code === "API_UNREACHABLE" ? "got no answer" : "lost its connection";
  return new ExporterError(code, `${path} ${what}: ${messageOf(cause) || codeOf(cause)}`, {
    cause,
    context: { errorCode: codeOf(cause) },
  });
}

/** The system's or undici's code of a failure; that of one attempt when several addresses were tried. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if (error instanceof ExporterError) return codeOf(error.cause);
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

/** Whether a request failed on a connection that had served others before, without a byte of an answer. */
export function failedOnReuse(error: unknown): boolean {
  if (!(error instanceof ExporterError) || error.code !== "API_UNREACHABLE") return false;
  const code = codeOf(error);
  if (code === "ECONNRESET" || code === "EPIPE") return true;
  const cause: unknown = error.cause;
  // undici tells how many bytes the connection had brought before: some, if it had served another request.
  const socket = cause instanceof Error && "socket" in cause ? cause.socket : undefined;
  const read = isRecord(socket) ? socket["bytesRead"] : undefined;
  return code === "UND_ERR_SOCKET" && typeof read === "number" && read > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
