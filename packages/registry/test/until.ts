import { setTimeout as turn } from "node:timers/promises";

/** Waits for a condition that loopback traffic brings about. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 10 s in vain: ${what}`);
    await turn(2);
  }
}
