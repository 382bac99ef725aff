/** What a command takes besides flags. */
export interface CommandRow {
  readonly summary: string;
  /** `run` commands get Options; `print` commands only have `--help`. */
  readonly kind: "run" | "print";
  readonly aliases?: readonly string[];
  /** Positional arguments as the usage line shows them, with the numbers allowed; left out for none. */
  readonly args?: { readonly usage: string; readonly min: number; readonly max: number };
}

/** Every sub-command; the first one is what runs when none is named. */
export const commands = {
  worker: {
    summary: "Watch the cluster, or one shard of it, and serve its metrics (the default).",
    kind: "run",
  },
  coordinator: { summary: "Serve the metrics of all workers as one exposition.", kind: "run" },
  demo: {
    summary: "Run workers and a coordinator against an embedded API server with made-up workloads.",
    kind: "run",
  },
  render: { summary: "Print the metrics of a cluster dump, without a cluster.", kind: "run" },
  rbac: {
    summary: "Print the ClusterRole and Roles that a worker with the same flags needs.",
    kind: "run",
  },
  layout: {
    summary: "Show which shard has which share, or have the stored layout made anew.",
    kind: "run",
    args: { usage: "show|reset [[namespace/]statefulset]", min: 1, max: 2 },
  },
  owner: {
    summary: "Tell which shard owns an object, and whether that shard shows it.",
    kind: "run",
    args: { usage: "UID|RESOURCE [NAMESPACE/]NAME", min: 1, max: 2 },
  },
  "scrape-config": {
    summary:
      "Print Prometheus scrape jobs for a coordinator, for each shard, or for parts of the exposition.",
    kind: "run",
    args: { usage: "aggregated|shards|parts", min: 1, max: 1 },
  },
  discover: {
    summary: "Discover scrape targets in Kubernetes and give them out by http_sd and file_sd.",
    kind: "run",
  },
  version: { summary: "Print the version.", kind: "print" },
  completion: {
    summary: "Print a completion script for a shell.",
    kind: "print",
    aliases: ["comp", "c"],
    args: { usage: "bash|zsh|fish", min: 1, max: 1 },
  },
  help: {
    summary: "Print the help of a command.",
    kind: "print",
    args: { usage: "[command]", min: 0, max: 1 },
  },
} as const;

export type CommandName = keyof typeof commands;

/** Commands that run with Options. */
export type RunCommand = {
  [K in CommandName]: (typeof commands)[K] extends { kind: "run" } ? K : never;
}[CommandName];

/** The command of this name or alias. */
export function findCommand(name: string): CommandName | undefined {
  const rows: Readonly<Record<string, CommandRow>> = commands;
  for (const [command, row] of Object.entries(rows))
    // The keys of `commands` are the names, which Object.entries widens.
    if (command === name || row.aliases?.includes(name)) return command as CommandName;
  return undefined;
}
