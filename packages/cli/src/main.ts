import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { resources } from "@kube-state-mosaic/metric-families";
import { parseOptions, type Options, type RunCommand } from "@kube-state-mosaic/options";
import { readFileSync } from "node:fs";
import { build } from "./version.ts";

/** A command answers the exit code; each is loaded only when it runs. */
const commands: Record<RunCommand, () => Promise<(options: Options) => Promise<number>>> = {
  worker: async () => (await import("./commands/worker.ts")).runWorker,
  coordinator: async () => (await import("./commands/coordinator.ts")).runCoordinator,
  demo: async () => (await import("./commands/demo.ts")).runDemo,
  render: async () => (await import("./commands/render.ts")).runRender,
};

process.exitCode = await main().catch((error: unknown) => {
  // Expected failures are one line; anything else is a fault of the program and shows where it happened.
  console.error(error instanceof ExporterError ? `error: ${messageOf(error)}` : error);
  return 1;
});

async function main(): Promise<number> {
  const parsed = parseOptions({
    argv: process.argv.slice(2),
    env: process.env,
    readFile: (path) => readFileSync(path, "utf8"),
    version: build.version,
    knownResources: Object.keys(resources),
    defaultResources: Object.values(resources)
      .filter(({ enabledByDefault }) => enabledByDefault)
      .map(({ name }) => name),
  });
  switch (parsed.kind) {
    case "print":
      process.stdout.write(parsed.text);
      return parsed.exitCode;
    case "error":
      for (const problem of parsed.problems) console.error(`error: ${problem}`);
      return parsed.exitCode;
    case "wait":
      for (const problem of parsed.problems) console.error(`error: ${problem}`);
      return 1;
    case "run": {
      for (const warning of parsed.warnings) console.error(`warning: ${warning}`);
      const run = await commands[parsed.command]();
      return run(parsed.options);
    }
  }
}
