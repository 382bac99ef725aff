import { pino } from "pino";
import { fieldsOf, type LogFields } from "./log-fields.ts";
import { textLine } from "./text-line.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes one line a message, whatever the message and the fields contain. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** `text`: `2026-01-02T03:04:05.678Z INFO message key=value`; `json`: an object with `time`, `level`, `msg` and the fields. */
  readonly format: "text" | "json";
  /** Messages below it are dropped. */
  readonly level: LogLevel;
  /** Receives whole lines that end in a line feed; standard error without it. */
  readonly destination?: { write(line: string): void };
  /** Milliseconds since 1970; the system's clock without it. */
  readonly now?: () => number;
}

/** A logger that has written a line when its call returns, so that the last lines before an exit are not lost. */
export function createLogger(options: LoggerOptions): Logger {
  const now = options.now ?? Date.now;
  const destination = options.destination ?? pino.destination({ dest: 2, sync: true });
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (options.format === "json") return wrap(pino(settings, destination));
  const asText = { write: (line: string) => destination.write(textLine(line)) };
  return wrap(pino(settings, asText));
}

type Pino = ReturnType<typeof pino>;

function wrap(inner: Pino): Logger {
  return {
    debug: (message, fields) => inner.debug(fieldsOf(fields), message),
    info: (message, fields) => inner.info(fieldsOf(fields), message),
    warn: (message, fields) => inner.warn(fieldsOf(fields), message),
    error: (message, fields) => inner.error(fieldsOf(fields), message),
    child: (fields) => wrap(inner.child(fieldsOf(fields))),
  };
}
