import { createLogger, type Logger, type LogLevel } from "@kube-state-mosaic/telemetry";

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A logger whose level, and that of all its children, can be set while running. */
export interface AdjustableLogger extends Logger {
  setLevel(level: LogLevel): void;
}

/** Begins with `level`. */
export function adjustableLogger(options: Parameters<typeof createLogger>[0]): AdjustableLogger {
  let least = ranks[options.level];
  const gated = (inner: Logger): Logger => {
    const at =
      (level: LogLevel): Logger["info"] =>
      (message, fields) => {
        if (ranks[level] >= least) inner[level](message, fields);
      };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: (fields) => gated(inner.child(fields)),
    };
  };
  const logger = gated(createLogger({ ...options, level: "debug" }));
  return { ...logger, setLevel: (level) => void (least = ranks[level]) };
}
