import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Figures } from "./scenarios.ts";

export interface StoreRun {
  readonly pods: number;
  /** Gzip scrapes in each churn. */
  readonly scrapes: number;
}

/** Figures of a side (`plain`, or `mosaic-` and the rows of a group) from a process of its own. */
export function measureSide(side: string, { pods, scrapes }: StoreRun): Figures {
  const script = fileURLToPath(new URL("run.ts", import.meta.url));
  const child = ["--expose-gc", script, String(pods), String(scrapes), side];
  const output = execFileSync(process.execPath, child, {
    env: { ...process.env, BENCH_CHILD: "1" },
  });
  const parsed: Figures = JSON.parse(output.toString());
  return parsed;
}
