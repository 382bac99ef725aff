import { messageOf } from "@kube-state-mosaic/errors";

import { parseCommandLine, type CommandLine } from "./argv.ts";
import { commands, findCommand, type CommandRow, type RunCommand } from "./commands.ts";
import { completionScript, isShell } from "./completion.ts";
import { parseConfigFile } from "./config-file.ts";
import { flags, type FlagValues } from "./flag-groups.ts";
import { hasEffect } from "./flags/row.ts";
import { helpText } from "./help.ts";
import { Invalid } from "./invalid.ts";
import { compileMetricFilter, type MetricFilter } from "./metric-filter.ts";
import { applyRules } from "./rules.ts";
import {
  applyEnvironment,
  applyFile,
  applyFlags,
  defaultSettings,
  type Findings,
  type Settings,
} from "./settings.ts";

/** What a process was told, settled and frozen. Durations are milliseconds, sizes bytes. */
export interface Options extends FlagValues {
  /** The resources to expose, sorted: those named, else the default ones; none with `--custom-resource-state-only`. */
  readonly resources: readonly string[];
  /** Never negative; 0 is no limit. */
  readonly objectLimit: number;
  /** Whether a family is exposed, by the allow, deny and opt-in lists. */
  readonly metricFilter: MetricFilter;
}

export interface ParseOptionsInput {
  /** Without the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a text file; throws with the code ENOENT where there is none. */
  readonly readFile: (path: string) => string;
  /** As `version` prints it: `v1.2.3`. */
  readonly version: string;
  readonly knownResources: readonly string[];
  readonly defaultResources: readonly string[];
}

export type ParsedOptions =
  | {
      readonly kind: "run";
      readonly command: RunCommand;
      /** Positional arguments of commands that take some. */
      readonly args: readonly string[];
      readonly options: Options;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "print"; readonly text: string; readonly exitCode: 0 }
  | { readonly kind: "error"; readonly problems: readonly string[]; readonly exitCode: 1 }
  /** With `--continue-without-config` and a file that is there but wrong: nothing runs until the file is written again. */
  | { readonly kind: "wait"; readonly configFile: string; readonly problems: readonly string[] };

/**
 * Settles what to do from the command line, the environment and the config file: file over flags over environment over defaults.
 * Everything that is wrong is reported at once, one line each. Throws nothing.
 */
export function parseOptions(input: ParseOptionsInput): ParsedOptions {
  const line = parseCommandLine(input.argv);
  if (line.help) return print(helpText(line.command));
  if (isRun(line)) return run(line, input);
  if (line.problems.length > 0) return failure(line.problems);
  const [arg] = line.args;
  if (line.command === "completion")
    return arg !== undefined && isShell(arg)
      ? print(completionScript(arg))
      : failure([`completion ${arg ?? ""}: not one of bash, zsh, fish`]);
  if (line.command === "version") return print(versionText(input.version));
  const command = arg === undefined ? "worker" : findCommand(arg);
  return command === undefined
    ? failure([`help ${arg ?? ""}: not a command (${Object.keys(commands).join(", ")})`])
    : print(helpText(command));
}

/**
 * The modules of `--resource-module`, which have to be loaded before `parseOptions` can know their resources. What is wrong with the
 * settings is left to it. Throws nothing.
 */
export function resourceModulesOf(
  input: Pick<ParseOptionsInput, "argv" | "env" | "readFile">,
): readonly string[] {
  const line = parseCommandLine(input.argv);
  if (line.help || !isRun(line)) return [];
  return valuesOf(settingsOf(line, input).settings).resourceModule;
}

function run(line: CommandLine & { command: RunCommand }, input: ParseOptionsInput): ParsedOptions {
  const { command } = line;
  const { settings, findings, fileFindings } = settingsOf(line, input);
  findings.warnings.push(...fileFindings.warnings);
  const isTolerated = valuesOf(settings).continueWithoutConfig;
  if (fileFindings.problems.length > 0 && isTolerated && findings.problems.length === 0)
    return {
      kind: "wait",
      configFile: String(settings.get("config")?.value),
      problems: fileFindings.problems,
    };
  findings.problems.push(...fileFindings.problems);

  applyGoEnvironment(settings, input.env);
  const values = valuesOf(settings);
  applyRules(values, { command, settings, knownResources: input.knownResources }, findings);
  if (findings.problems.length > 0) return failure(findings.problems);
  return {
    kind: "run",
    command,
    args: line.args,
    options: settle(values, settings, input.defaultResources),
    warnings: findings.warnings,
  };
}

/** What environment, flags and file say. What is wrong with the file is kept apart, for it may be tolerated. */
function settingsOf(
  line: CommandLine & { command: RunCommand },
  input: Pick<ParseOptionsInput, "env" | "readFile">,
): { settings: Settings; findings: Findings; fileFindings: Findings } {
  const { command, occurrences } = line;
  const findings: Findings = { problems: [...line.problems], warnings: [] };
  const settings = defaultSettings();
  applyEnvironment(settings, { command, env: input.env }, findings);
  applyFlags(settings, occurrences, findings);
  return { settings, findings, fileFindings: applyConfigFile(settings, command, input) };
}

/** Applies the `--config` file, if one is named. */
function applyConfigFile(
  settings: Settings,
  command: RunCommand,
  { readFile }: Pick<ParseOptionsInput, "readFile">,
): Findings {
  const findings: Findings = { problems: [], warnings: [] };
  const { config: path, continueWithoutConfig } = valuesOf(settings);
  if (path === "") return findings;
  const shown = settings.get("config")?.shown ?? path;
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && continueWithoutConfig)
      findings.warnings.push(`${shown}: the file does not exist yet`);
    else if (isMissing)
      findings.problems.push(
        `${shown}: the file does not exist; create it or add --continue-without-config`,
      );
    else findings.problems.push(`${shown}: the file cannot be read: ${messageOf(error)}`);
    return findings;
  }
  const content = parseConfigFile(text);
  if (content instanceof Invalid) findings.problems.push(`${shown}: ${content.reason}`);
  else applyFile(settings, { command, path, content }, findings);
  return findings;
}

/** `--auto-gomemlimit` as far as the variables of the Go runtime and its library decide over it. */
function applyGoEnvironment(settings: Settings, env: ParseOptionsInput["env"]): void {
  const { GOMEMLIMIT = "", AUTOMEMLIMIT = "" } = env;
  const source = "environment";
  if (GOMEMLIMIT !== "" || AUTOMEMLIMIT === "off")
    settings.set("autoGomemlimit", { value: false, source, shown: "AUTOMEMLIMIT=off" });
  else if (AUTOMEMLIMIT !== "")
    settings.set("autoGomemlimitRatio", {
      value: Number(AUTOMEMLIMIT),
      source,
      shown: `AUTOMEMLIMIT=${AUTOMEMLIMIT}`,
    });
}

function settle(
  values: FlagValues,
  settings: Settings,
  defaultResources: readonly string[],
): Options {
  const named = values.resources.length > 0 ? values.resources : defaultResources.toSorted();
  const isVerbose = values.verbosity > 0 && settings.get("logLevel")?.source === "default";
  const options: Options = {
    ...values,
    resources: values.customResourceStateOnly ? [] : named,
    objectLimit: Math.max(0, values.objectLimit),
    logLevel: isVerbose ? "debug" : values.logLevel,
    metricFilter: compileMetricFilter({
      allow: values.metricAllowlist,
      deny: values.metricDenylist,
      optIn: values.metricOptInList,
    }),
  };
  for (const value of Object.values(options)) Object.freeze(value);
  return Object.freeze(options);
}

function valuesOf(settings: Settings): FlagValues {
  const entries = flags
    .filter(({ row }) => hasEffect(row))
    .map(({ key }) => [key, settings.get(key)?.value]);
  // FlagValues is derived from the same rows whose parsers made these values.
  return Object.fromEntries(entries) as FlagValues;
}

function isRun(line: CommandLine): line is CommandLine & { command: RunCommand } {
  const row: CommandRow = commands[line.command];
  return row.kind === "run";
}

function print(text: string): ParsedOptions {
  return { kind: "print", text, exitCode: 0 };
}

function failure(problems: readonly string[]): ParsedOptions {
  return { kind: "error", problems, exitCode: 1 };
}

function versionText(version: string): string {
  const { version: node, platform, arch } = process;
  return `kube-state-mosaic, version ${version}\n  node version:     ${node}\n  platform:         ${platform}/${arch}\n`;
}
