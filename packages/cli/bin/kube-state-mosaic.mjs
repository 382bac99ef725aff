#!/usr/bin/env node
// Plain JavaScript for Node 20 and later: runs the program on the Node packaged with it, since the machine's own may be older.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const oldestNode = 26;
const here = dirname(fileURLToPath(import.meta.url));
const bundle = join(here, "main.mjs");
const main = existsSync(bundle) ? bundle : join(here, "../src/main.ts");

if (Number.parseInt(process.versions.node, 10) >= oldestNode) {
  // Without it, stripping types and compiling take longer than most of what `render` does.
  module.enableCompileCache();
  await import(main);
} else runOn(packagedNode());

function packagedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    return join(folder, "bin/node");
  } catch {
    console.error(
      `kube-state-mosaic needs Node ${oldestNode} or later; this is ${process.version}, and the npm package "node" is not installed beside it: run "npm ci", or start it with a newer Node.`,
    );
    process.exit(1);
  }
}

function runOn(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"])
    process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`kube-state-mosaic cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
