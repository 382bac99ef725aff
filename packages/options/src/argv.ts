import { commands, findCommand, type CommandName, type CommandRow } from "./commands.ts";
import { flags, flagsOf, helpFlag } from "./flag-groups.ts";
import type { FlagRow } from "./flags/row.ts";
import { didYouMean } from "./nearest.ts";

/** One flag as it was given. */
export interface Occurrence {
  readonly row: FlagRow;
  readonly text: string;
}

export interface CommandLine {
  readonly command: CommandName;
  /** Positional arguments after the command. */
  readonly args: readonly string[];
  readonly occurrences: readonly Occurrence[];
  readonly help: boolean;
  readonly problems: readonly string[];
}

/**
 * Reads a command line with the rules of kube-state-metrics' flag library: `--name=value` or `--name value`, booleans take a value
 * with `=` only, one dash for shorthands (`-v=4`, `-v 4`, `-v4`), exact names, `--` ends the flags. The first word that is no flag
 * is the command.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { command, rest, problem } = splitCommand(argv);
  const own = rowsOf(command);
  const args: string[] = [];
  const occurrences: Occurrence[] = [];
  const problems: string[] = problem === undefined ? [] : [problem];

  const take = (row: FlagRow, text: string | undefined, index: number): number => {
    if (text !== undefined) occurrences.push({ row, text });
    else if (row.type === "bool") occurrences.push({ row, text: "true" });
    else {
      const value = rest[index + 1];
      if (value === undefined) problems.push(`--${row.name}: a value is missing`);
      else occurrences.push({ row, text: value });
      return index + 1;
    }
    return index;
  };

  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    if (word === "--") {
      args.push(...rest.slice(i + 1));
      break;
    }
    if (word.startsWith("--")) {
      const { name, text } = splitLong(word);
      const row = own.find((candidate) => candidate.name === name);
      if (row === undefined) problems.push(unknownFlag(command, word, name));
      else i = take(row, text, i);
      if (row === undefined && text === undefined && findRow(name)?.type !== "bool")
        if (rest[i + 1]?.startsWith("-") === false) i++;
    } else if (word.startsWith("-") && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const row = own.find((candidate) => candidate.shorthand === word[at]);
        if (row === undefined) {
          problems.push(
            `${word}: there is no shorthand -${word[at] ?? ""}; long flags have two dashes: -${word}`,
          );
          break;
        }
        if (row.type === "bool" && word[at + 1] !== "=") {
          occurrences.push({ row, text: "true" });
          continue;
        }
        const tail = word.slice(at + 1);
        i = take(row, tail === "" ? undefined : tail.replace(/^=/, ""), i);
        break;
      }
    } else args.push(word);
  }

  const help = occurrences.some(({ row, text }) => row === helpFlag && !/^(?:0|f)/i.test(text));
  return {
    command,
    args,
    occurrences: occurrences.filter(({ row }) => row !== helpFlag),
    help,
    problems: [...problems, ...argumentProblems(command, args, rest)],
  };
}

function rowsOf(command: CommandName): readonly FlagRow[] {
  const row: CommandRow = commands[command];
  return row.kind === "run"
    ? // `kind: "run"` is what makes a command a RunCommand.
      [helpFlag, ...flagsOf(command as Parameters<typeof flagsOf>[0]).map((flag) => flag.row)]
    : [helpFlag];
}

function splitLong(word: string): { name: string; text: string | undefined } {
  const at = word.indexOf("=");
  return at < 0
    ? { name: word.slice(2), text: undefined }
    : { name: word.slice(2, at), text: word.slice(at + 1) };
}

function findRow(name: string): FlagRow | undefined {
  return name === "help" ? helpFlag : flags.find((flag) => flag.row.name === name)?.row;
}

/** The command is the first word that is neither a flag nor the value of one. */
function splitCommand(argv: readonly string[]): {
  command: CommandName;
  rest: readonly string[];
  problem?: string;
} {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") break;
    if (word.startsWith("-") && word.length > 1) {
      const { name, text } = splitLong(word);
      const row = word.startsWith("--")
        ? findRow(name)
        : flags.find((flag) => `-${flag.row.shorthand ?? ""}` === word)?.row;
      const isAlone = word.startsWith("--") ? text === undefined : row !== undefined;
      if (isAlone && row?.type !== "bool") i++;
      continue;
    }
    const command = findCommand(word);
    if (command !== undefined) return { command, rest: argv.toSpliced(i, 1) };
    const hint = missingEquals(argv[i - 1], word) ?? didYouMean(word, Object.keys(commands));
    const names = Object.keys(commands).join(", ");
    return {
      command: "worker",
      rest: argv.toSpliced(i, 1),
      problem: `${word}: not a command (${names})${hint}`,
    };
  }
  return { command: "worker", rest: argv };
}

function unknownFlag(command: CommandName, word: string, name: string): string {
  const owners = flags.filter((flag) => flag.row.name === name).flatMap((flag) => flag.commands);
  if (owners.length > 0)
    return `${word}: not a flag of ${command}; it belongs to ${[...new Set(owners)].join(", ")}`;
  if (name === "") return `${word}: not a flag; a name must follow the dashes`;
  const names = rowsOf(command).map((row) => row.name);
  return `${word}: no such flag${didYouMean(name, names, "--")}`;
}

function argumentProblems(
  command: CommandName,
  args: readonly string[],
  rest: readonly string[],
): string[] {
  const row: CommandRow = commands[command];
  // The version command ignores what follows it, as in kube-state-metrics.
  if (command === "version") return [];
  const { min, max, usage } = row.args ?? { min: 0, max: 0, usage: "" };
  const limit = max === 0 ? "no arguments" : `at most ${max} (${usage})`;
  const surplus = args.slice(max).map((arg) => {
    const hint = missingEquals(rest[rest.indexOf(arg) - 1], arg) ?? "";
    return `${arg}: ${command} takes ${limit}${hint}`;
  });
  const missing = args.length < min ? [`${command}: an argument is missing (${usage})`] : [];
  return [...surplus, ...missing];
}

/** What is wrong with `--auth-filter false`: a boolean does not take the next word. */
function missingEquals(before: string | undefined, word: string): string | undefined {
  return before?.startsWith("--") === true && findRow(before.slice(2))?.type === "bool"
    ? `; a value of ${before} needs an equals sign: ${before}=${word}`
    : undefined;
}
