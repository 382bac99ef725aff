import { commands, type CommandName, type CommandRow, type RunCommand } from "./commands.ts";
import { flagsOf, helpFlag } from "./flag-groups.ts";
import type { FlagRow } from "./flags/row.ts";

const shells = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof shells)[number];

export function isShell(word: string): word is Shell {
  return shells.some((shell) => shell === word);
}

const program = "kube-state-mosaic";

/** A completion script made from the tables of commands and flags; it needs nothing of the program when it runs. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case "bash":
      return bashScript();
    case "zsh":
      return zshScript();
    case "fish":
      return fishScript();
  }
}

const names = Object.keys(commands) as CommandName[];

function rowsOf(command: CommandName): readonly FlagRow[] {
  const row: CommandRow = commands[command];
  return [helpFlag, ...(row.kind === "run" ? flagsOf(command as RunCommand) : []).map(rowOf)];
}

const rowOf = (item: { readonly row: FlagRow }): FlagRow => item.row;

/** `--flag` for booleans, `--flag=` where a value must follow; flags that only have a shorthand are left out. */
function words(command: CommandName): string[] {
  return rowsOf(command)
    .filter((row) => row.name !== row.shorthand)
    .map((row) => `--${row.name}${row.type === "bool" ? "" : "="}`);
}

function bashScript(): string {
  const cases = names.map((name) => `    ${name}) flags="${words(name).join(" ")}" ;;`).join("\n");
  const values = choices()
    .map(
      (row) =>
        `    --${row.name}) COMPREPLY=($(compgen -W "${row.values?.join(" ") ?? ""}" -- "$value")); return ;;`,
    )
    .join("\n");
  const files = fileFlags().map((row) => `--${row.name}`);
  return `# bash completion for ${program}
_kube_state_mosaic() {
  local line="\${COMP_LINE:0:COMP_POINT}" current command=worker flags word flag value
  current="\${line##* }"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
    ${names.join("|")}) command="$word"; break ;;
    esac
  done
  flag="\${current%%=*}" value="\${current#*=}"
  if [[ "$current" == --*=* ]]; then
    case "$flag" in
${values}
    ${files.join("|")}) compopt -o filenames; COMPREPLY=($(compgen -f -- "$value")); return ;;
    esac
    return
  fi
  if [[ "$command" == completion ]]; then
    COMPREPLY=($(compgen -W "${shells.join(" ")}" -- "$current")); return
  fi
  if [[ "$current" != -* ]]; then
    COMPREPLY=($(compgen -W "${names.join(" ")}" -- "$current")); return
  fi
  case "$command" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$flags" -- "$current"))
  [[ "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
}
complete -F _kube_state_mosaic ${program}
`;
}

function zshScript(): string {
  const quote = (text: string): string =>
    text.replaceAll("'", "'\\''").replaceAll(/[[\]:]/g, "\\$&");
  const spec = (row: FlagRow): string => {
    const values = row.values === undefined ? "" : `:value:(${row.values.join(" ")})`;
    const action =
      row.type === "path" || row.type === "paths" ? ":file:_files" : values || ":value: ";
    return row.type === "bool"
      ? `'--${row.name}[${quote(row.help)}]'`
      : `'--${row.name}=[${quote(row.help)}]${action}'`;
  };
  const cases = names.map((name) => {
    const specs = rowsOf(name)
      .filter((row) => row.name !== row.shorthand)
      .map(spec);
    const args = name === "completion" ? [`'*:shell:(${shells.join(" ")})'`] : [];
    return `    ${name})\n      _arguments ${[...specs, ...args].join(" \\\n        ")} ;;`;
  });
  const list = Object.entries<CommandRow>(commands).map(
    ([name, row]) => `    '${name}:${quote(row.summary)}'`,
  );
  return `#compdef ${program}
_kube_state_mosaic() {
  local -a commands=(
${list.join("\n")}
  )
  local command=worker word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in
    ${names.join("|")}) command="$word"; break ;;
    esac
  done
  if [[ "$command" == worker && "\${words[CURRENT]}" != -* ]]; then
    _describe command commands
    return
  fi
  case "$command" in
${cases.join("\n")}
  esac
}
# Called directly when it lies in fpath, registered when it is sourced.
if [[ "\${funcstack[1]}" == _kube_state_mosaic ]]; then
  _kube_state_mosaic "$@"
else
  compdef _kube_state_mosaic ${program}
fi
`;
}

function fishScript(): string {
  const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
  const lines = Object.entries<CommandRow>(commands).map(
    ([name, row]) =>
      `complete -c ${program} -f -n __fish_use_subcommand -a ${name} -d ${quote(row.summary)}`,
  );
  for (const name of names) {
    const others = names.filter((other) => other !== "worker").join(" ");
    // Without a command the worker runs, so its flags are offered there too.
    const condition =
      name === "worker"
        ? `not __fish_seen_subcommand_from ${others}`
        : `__fish_seen_subcommand_from ${name}`;
    for (const row of rowsOf(name)) {
      const spelling = row.name === row.shorthand ? `-s ${row.name}` : `-l ${row.name}`;
      const files = row.type === "path" || row.type === "paths" ? "-r -F" : "-x";
      const argument = row.type === "bool" ? "-f" : files;
      const values = row.values === undefined ? "" : ` -a ${quote(row.values.join(" "))}`;
      lines.push(
        `complete -c ${program} -n ${quote(condition)} ${spelling} ${argument}${values} -d ${quote(row.help)}`,
      );
    }
  }
  lines.push(
    `complete -c ${program} -f -n '__fish_seen_subcommand_from completion' -a ${quote(shells.join(" "))}`,
  );
  return `# fish completion for ${program}\n${lines.join("\n")}\n`;
}

function choices(): FlagRow[] {
  return names
    .flatMap(rowsOf)
    .filter((row, at, all) => row.values !== undefined && all.indexOf(row) === at);
}

function fileFlags(): FlagRow[] {
  return names
    .flatMap(rowsOf)
    .filter((row, at, all) => /^paths?$/.test(row.type) && all.indexOf(row) === at);
}
