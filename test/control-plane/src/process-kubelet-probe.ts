import { setTimeout as delay } from "node:timers/promises";
import type { Probe } from "./process-kubelet-pod.ts";

/** Calls `onResult` when an HTTP probe has succeeded or failed as often in a row as it asks for; each time, until aborted. */
export async function runProbe(
  url: string,
  { probe, onResult }: { probe: Probe; onResult: (ok: boolean) => void },
  signal: AbortSignal,
): Promise<void> {
  const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1 } = probe;
  const { successThreshold = 1, failureThreshold = 3 } = probe;
  let successes = 0;
  let failures = 0;
  try {
    await delay(initialDelaySeconds * 1_000, undefined, { signal });
    for (;;) {
      const isOk = await answers(url, timeoutSeconds * 1_000);
      successes = isOk ? successes + 1 : 0;
      failures = isOk ? 0 : failures + 1;
      if (signal.aborted) return;
      if (isOk && successes >= successThreshold) onResult(true);
      if (!isOk && failures >= failureThreshold) onResult(false);
      await delay(periodSeconds * 1_000, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function answers(url: string, timeoutMs: number): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return response.status >= 200 && response.status < 400;
  } catch {
    return false;
  }
}
