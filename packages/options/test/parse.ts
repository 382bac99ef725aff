import { parseOptions, type Options, type ParsedOptions } from "../src/index.ts";
import { defaultResources, knownResources } from "./reference.ts";

interface Surroundings {
  readonly env?: Record<string, string>;
  /** Texts by path; every other path does not exist. */
  readonly files?: Record<string, string>;
}

/** Parses words separated by single spaces, or a list of words. */
export function parse(line: string | readonly string[], around: Surroundings = {}): ParsedOptions {
  const words = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
  return parseOptions({
    argv: words,
    env: around.env ?? {},
    readFile: (path) => {
      const text = around.files?.[path];
      if (text === undefined) throw Object.assign(new Error(`no file ${path}`), { code: "ENOENT" });
      return text;
    },
    version: "v1.2.3",
    knownResources,
    defaultResources,
  });
}

/** The options of a line that is right. */
export function optionsOf(line: string | readonly string[], around: Surroundings = {}): Options {
  const parsed = parse(line, around);
  if (parsed.kind !== "run") throw new Error(JSON.stringify(parsed));
  return parsed.options;
}

/** What is wrong with a line; empty if it runs. */
export function problemsOf(
  line: string | readonly string[],
  around: Surroundings = {},
): readonly string[] {
  const parsed = parse(line, around);
  return parsed.kind === "error" ? parsed.problems : [];
}

/** The warnings of a line that is right. */
export function warningsOf(
  line: string | readonly string[],
  around: Surroundings = {},
): readonly string[] {
  const parsed = parse(line, around);
  if (parsed.kind !== "run") throw new Error(JSON.stringify(parsed));
  return parsed.warnings;
}
