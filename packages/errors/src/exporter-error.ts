/** An error with a stable code and the facts that belong to it; the message says what failed, on what, and what happens next. */
export class ExporterError extends Error {
  /** Stable, upper-case, unique in the project: `WIRE_TRUNCATED`, `PORT_IN_USE`. */
  readonly code: string;
  readonly context: Readonly<Record<string, string | number | boolean>>;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; context?: Record<string, string | number | boolean> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ExporterError";
    this.code = code;
    this.context = Object.freeze({ ...options.context });
  }
}

/** The text of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
