import type { Listener } from "@kube-state-mosaic/server";
import type { Logger } from "@kube-state-mosaic/telemetry";

/** How long open answers may take after SIGTERM, in milliseconds. */
const drainMs = 10_000;

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignalled(logger: Logger): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    logger.info("stopping: open scrapes are finished first", { signal });
    controller.abort();
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return controller.signal;
}

/** Closes the listeners together, waiting for open answers. */
export async function drain(listeners: readonly Listener[], logger: Logger): Promise<void> {
  const cut = await Promise.all(listeners.map((listener) => listener.close(drainMs)));
  const total = cut.reduce((sum, count) => sum + count, 0);
  if (total > 0) logger.warn("answers were cut after the time to finish them", { answers: total });
}
