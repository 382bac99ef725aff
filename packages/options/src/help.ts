import { commands, type CommandName, type CommandRow, type RunCommand } from "./commands.ts";
import { flagsOf, helpFlag, type Flag } from "./flag-groups.ts";
import { defaultTextOf, type FlagRow } from "./flags/row.ts";
import { placeholderOf } from "./value-types.ts";

const width = 100;
const indent = 36;

/** The help of a command: usage, commands and its flags by group, no line longer than 100 columns. */
export function helpText(command: CommandName): string {
  const row: CommandRow = commands[command];
  const parts = [
    `${row.summary}\n`,
    `Usage:\n  kube-state-mosaic${command === "worker" ? " [worker]" : ` ${command}`}${row.args === undefined ? "" : ` ${row.args.usage}`}${row.kind === "run" ? " [flags]" : ""}\n`,
  ];
  if (command === "worker" || command === "help") parts.push(commandList());
  const flags = row.kind === "run" ? flagsOf(command as RunCommand) : [];
  for (const [title, group] of Map.groupBy(flags, (flag) => flag.group))
    parts.push(`${title}:\n${group.map(flagLines).join("")}`);
  parts.push(`Help:\n${flagLines({ row: helpFlag })}`);
  if (row.kind === "run") parts.push(sources);
  return parts.join("\n");
}

const sources = `A value comes from the --config file, else the flag, else the variable KUBE_STATE_MOSAIC_<FLAG>
(KUBE_STATE_MOSAIC_TOTAL_SHARDS=2), else the default.
`;

function commandList(): string {
  const rows = Object.entries<CommandRow>(commands);
  return `Commands:\n${rows.map(([name, row]) => columns(name, row.summary, 15)).join("")}`;
}

function flagLines({ row }: Pick<Flag, "row">): string {
  const dashes = row.shorthand === row.name ? "-" : "--";
  const shorthand = row.shorthand === undefined || dashes === "-" ? "" : `-${row.shorthand}, `;
  const placeholder = row.type === "bool" ? "" : `=${placeholderOf(row)}`;
  return columns(`${shorthand}${dashes}${row.name}${placeholder}`, describe(row), indent);
}

/** The help sentence with its default and, where there is one, why the flag does nothing. */
function describe(row: FlagRow): string {
  const text = defaultTextOf(row);
  const isTrivial = text === "" || (row.type === "bool" && text === "false");
  const note = row.noop === undefined ? "" : ` No effect: ${row.noop}.`;
  return `${row.help}${note}${isTrivial ? "" : ` (default ${text})`}`;
}

function columns(left: string, right: string, at: number): string {
  const lines = wrap(right, width - at);
  const head = `  ${left}`;
  if (head.length < at - 1) {
    const [first = "", ...more] = lines;
    return [head.padEnd(at) + first, ...more.map((line) => " ".repeat(at) + line), ""].join("\n");
  }
  return [head, ...lines.map((line) => " ".repeat(at) + line), ""].join("\n");
}

function wrap(text: string, limit: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > limit) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
