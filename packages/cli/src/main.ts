import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { resources } from "@kube-state-mosaic/metric-families";
import {
  parseOptions,
  resourceModulesOf,
  type Options,
  type RunCommand,
} from "@kube-state-mosaic/options";
import { readFileSync } from "node:fs";
import { ensureHeap } from "./heap-flags.ts";
import { loadResourceModules } from "./resource-modules.ts";
import { build } from "./version.ts";

type Run = (options: Options, args: readonly string[]) => Promise<number>;

/** They run for months; the others are over before a heap has grown. */
const longRunning: ReadonlySet<RunCommand> = new Set(["worker", "coordinator"]);

/** A command answers the exit code; each is loaded only when it runs. */
const commands: Record<RunCommand, () => Promise<Run>> = {
  worker: async () => (await import("./commands/worker.ts")).runWorker,
  coordinator: async () => (await import("./commands/coordinator.ts")).runCoordinator,
  demo: async () => (await import("./commands/demo.ts")).runDemo,
  render: async () => (await import("./commands/render.ts")).runRender,
  discover: async () => (await import("./commands/discover.ts")).runDiscover,
  owner: async () => (await import("./commands/owner.ts")).runOwner,
  layout: async () => (await import("./commands/layout.ts")).runLayout,
  rbac: async () => (await import("./commands/rbac.ts")).runRbac,
};

process.exitCode = await main().catch((error: unknown) => {
  // Expected failures are a line for each thing that is wrong; anything else is a fault of the program and shows where it happened.
  console.error(
    error instanceof ExporterError ? messageOf(error).replaceAll(/^/gm, "error: ") : error,
  );
  return 1;
});

async function main(): Promise<number> {
  const input = {
    argv: process.argv.slice(2),
    env: process.env,
    readFile: (path: string) => readFileSync(path, "utf8"),
  };
  const modules = await loadResourceModules(resourceModulesOf(input));
  const known = [...Object.values(resources), ...modules.values()];
  const parsed = parseOptions({
    ...input,
    version: build.version,
    knownResources: known.map(({ name }) => name),
    defaultResources: known
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
      if (longRunning.has(parsed.command)) ensureHeap(parsed.options);
      for (const warning of parsed.warnings) console.error(`warning: ${warning}`);
      const run = await commands[parsed.command]();
      return run(parsed.options, parsed.args);
    }
  }
}
