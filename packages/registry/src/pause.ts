import type { Clock } from "@kube-state-mosaic/kubernetes";

/** Resolves after `ms`, or at once when the signal is or gets aborted; never rejects. */
export function pause(clock: Pick<Clock, "after">, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}

/** Milliseconds before attempt number `failures` + 1: 1, 2, 4 … s, at most 30 s, ± 10 %; `random` is in [0, 1). */
export function retryDelay(failures: number, random: () => number): number {
  return Math.min(1_000 * 2 ** Math.min(failures - 1, 10), 30_000) * (0.9 + 0.2 * random());
}
