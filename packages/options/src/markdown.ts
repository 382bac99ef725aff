import { commands, type CommandRow } from "./commands.ts";
import { flags } from "./flag-groups.ts";
import { configKeyOf, defaultTextOf, type FlagRow } from "./flags/row.ts";
import { placeholderOf } from "./value-types.ts";

/** The reference page of commands and flags, made from their tables. */
export function flagsMarkdown(): string {
  const parts = [intro, commandTable()];
  for (const [title, group] of Map.groupBy(flags, (flag) => flag.group)) {
    const rows = group.map(
      ({ row, commands: names }) =>
        `| ${[flagCell(row), code(defaultTextOf(row)), code(configKeyOf(row) ?? ""), names.join(", "), meaning(row)].join(" | ")} |`,
    );
    parts.push(
      `## ${title}\n\n| Flag | Default | Config key | Commands | Meaning |\n|---|---|---|---|---|\n${rows.join("\n")}\n`,
    );
  }
  return parts.join("\n");
}

const intro = `# Command line

A value comes from the \`--config\` file, else the flag, else the environment, else the default. The variable of a flag is
\`KUBE_STATE_MOSAIC_\` and its name in capitals with underscores, such as \`KUBE_STATE_MOSAIC_TOTAL_SHARDS\`; an empty variable counts as unset.
Flags marked with * are not in kube-state-metrics.
`;

function commandTable(): string {
  const rows = Object.entries<CommandRow>(commands).map(([name, row]) => {
    const usage = row.args === undefined ? name : `${name} ${row.args.usage}`;
    return `| ${code(usage.replaceAll("|", "\\|"))} | ${row.summary} |`;
  });
  return `## Commands\n\n| Command | Meaning |\n|---|---|\n${rows.join("\n")}\n`;
}

function flagCell(row: FlagRow): string {
  const names = row.shorthand === undefined ? [] : [code(`-${row.shorthand}`)];
  if (row.shorthand !== row.name)
    names.push(
      code(
        `--${row.name}${row.type === "bool" ? "" : `=${placeholderOf(row)}`}`.replaceAll(
          "|",
          "\\|",
        ),
      ),
    );
  return `${names.join(", ")}${row.own === true ? " *" : ""}`;
}

function meaning(row: FlagRow): string {
  const notes = [row.help];
  if (row.noop !== undefined) notes.push(`No effect: ${row.noop}.`);
  if (row.configKeyDeprecated !== undefined)
    notes.push(`The key ${code(row.configKeyDeprecated)} is the old name.`);
  return notes.join(" ").replaceAll("|", "\\|");
}

function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
