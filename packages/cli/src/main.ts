import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { resources } from "@kube-state-mosaic/metric-families";
import {
  parseOptions,
  resourceModulesOf,
  type Options,
  type ParsedOptions,
  type RunCommand,
} from "@kube-state-mosaic/options";
import { readFileSync } from "node:fs";
import { ensureHeap } from "./heap-flags.ts";
import type { OptionsSource } from "./reload.ts";
import { loadResourceModules } from "./resource-modules.ts";
import { build } from "./version.ts";

type Run = (options: Options, args: readonly string[], source: OptionsSource) => Promise<number>;

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
  "scrape-config": async () => (await import("./commands/scrape-config.ts")).runScrapeConfig,
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
  const { parsed, source } = await settled();
  switch (parsed.kind) {
    case "print":
      process.stdout.write(parsed.text);
      return parsed.exitCode;
    case "error":
      for (const problem of parsed.problems) console.error(`error: ${problem}`);
      return parsed.exitCode;
    case "run": {
      if (longRunning.has(parsed.command)) ensureHeap(parsed.command, parsed.options);
      for (const warning of parsed.warnings) console.error(`warning: ${warning}`);
      const run = await commands[parsed.command]();
      return run(parsed.options, parsed.args, source);
    }
  }
}

/** What to do, once the config file says nothing wrong or wrong ones are not tolerated. */
async function settled(): Promise<{
  readonly parsed: Exclude<ParsedOptions, { kind: "wait" }>;
  readonly source: OptionsSource;
}> {
  for (;;) {
    const read = new Map<string, Buffer>();
    const readFile = (path: string): string => {
      const content = readFileSync(path);
      read.set(path, content);
      return content.toString("utf8");
    };
    const input = { argv: process.argv.slice(2), env: process.env, readFile };
    const modules = await loadResourceModules(resourceModulesOf(input));
    const known = [...Object.values(resources), ...modules.values()];
    const parse: OptionsSource["parse"] = (from) =>
      parseOptions({
        ...input,
        readFile: from,
        version: build.version,
        knownResources: known.map(({ name }) => name),
        defaultResources: known
          .filter(({ enabledByDefault }) => enabledByDefault)
          .map(({ name }) => name),
      });
    const parsed = parse(readFile);
    if (parsed.kind !== "wait") return { parsed, source: { parse, read } };
    const { configFile, problems } = parsed;
    for (const problem of problems) console.error(`error: ${problem}`);
    console.error(`warning: nothing runs until ${configFile} is written again`);
    const { changeOf } = await import("./file-watch.ts");
    await changeOf(configFile, read.get(configFile));
  }
}
