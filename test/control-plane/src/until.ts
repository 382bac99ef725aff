import { setTimeout as delay } from "node:timers/promises";
import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { Daemon } from "./daemon.ts";

/**
 * Asks again and again until `attempt` answers something other than `undefined` or `false`, and returns that. An attempt that throws counts as "not yet".
 * Throws `TIMED_OUT` with the last reason after `timeoutMs`, or at once when one of `daemons` has ended.
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeoutMs?: number; intervalMs?: number; daemons?: readonly Daemon[] } = {},
): Promise<T> {
  const { timeoutMs = 30_000, intervalMs = 50, daemons = [] } = options;
  const deadline = performance.now() + timeoutMs;
  let last = "not yet so";
  for (;;) {
    try {
      const answer = await attempt();
      if (answer !== undefined && answer !== false) return answer;
      last = "not yet so";
    } catch (error) {
      last = messageOf(error);
    }
    for (const daemon of daemons) if (daemon.exit !== undefined) throw daemon.ended(what);
    if (performance.now() > deadline)
      throw new ExporterError(
        "TIMED_OUT",
        `${what}: not within ${timeoutMs / 1000} s; last: ${last}${daemons.map((daemon) => `\n${daemon.tail()}`).join("")}`,
      );
    await delay(intervalMs);
  }
}
