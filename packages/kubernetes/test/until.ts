import { setImmediate as turn } from "node:timers/promises";

/** Waits for a condition that other code of this process or loopback traffic brings about. */
export async function until(condition: () => boolean, what: string = "condition"): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 5 s in vain for ${what}`);
    await turn();
  }
}
