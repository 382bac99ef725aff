/** All static checks, one after the other, each timed; every one runs even when an earlier one fails. */
import { spawnSync } from "node:child_process";

const steps = [
  ["types", "tsc", "-p", "."],
  ["lint", "oxlint", "--type-aware", "--quiet"],
  ["format", "oxfmt", "--check"],
  ["layers", "node", "scripts/check-layers.ts"],
  ["dead exports", "knip", "--no-config-hints"],
] as const;

let failed = false;
for (const [name, command, ...args] of steps) {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
