import type { RunCommand } from "./commands.ts";
import { coordinatorFlags } from "./flags/coordinator.ts";
import { customResourceFlags } from "./flags/custom-resources.ts";
import { demoFlags } from "./flags/demo.ts";
import { discoveryFlags } from "./flags/discovery.ts";
import { exportFlags } from "./flags/export.ts";
import { httpFlags } from "./flags/http.ts";
import { kubernetesApiFlags } from "./flags/kubernetes-api.ts";
import { layoutFlags } from "./flags/layout.ts";
import { ignoredLoggingFlags, loggingFlags } from "./flags/logging.ts";
import { processFlags } from "./flags/process.ts";
import { renamedFlags } from "./flags/renamed.ts";
import { renderFlags } from "./flags/render.ts";
import type { FlagGroup, FlagRow, ValueByType } from "./flags/row.ts";
import { shardingFlags } from "./flags/sharding.ts";

const runCommands: readonly RunCommand[] = [
  "worker",
  "coordinator",
  "demo",
  "render",
  "discover",
  "layout",
  "owner",
];

/** All flags, in the order of the help. A new group goes here and into FlagValues. */
const flagGroups: readonly FlagGroup[] = [
  {
    title: "Kubernetes API",
    commands: ["worker", "coordinator", "discover", "layout", "owner"],
    flags: kubernetesApiFlags,
  },
  { title: "What to export", commands: ["worker"], flags: exportFlags },
  {
    title: "Custom resources",
    commands: ["worker", "demo", "render"],
    flags: customResourceFlags,
  },
  { title: "Sharding", commands: ["worker"], flags: shardingFlags },
  { title: "Coordinator", commands: ["coordinator"], flags: coordinatorFlags },
  { title: "Demo", commands: ["demo"], flags: demoFlags },
  { title: "Input", commands: ["render"], flags: renderFlags },
  { title: "Layout", commands: ["layout"], flags: layoutFlags },
  { title: "Discovery", commands: ["discover"], flags: discoveryFlags },
  { title: "HTTP", commands: ["worker", "coordinator", "discover"], flags: httpFlags },
  { title: "Process", commands: runCommands, flags: processFlags },
  { title: "Logging", commands: runCommands, flags: loggingFlags },
  { title: "Accepted without effect", commands: runCommands, flags: ignoredLoggingFlags },
  { title: "Old names", commands: ["worker"], flags: renamedFlags },
];

/** `--help`, which belongs to every command and sets no value. */
export const helpFlag: FlagRow = {
  name: "help",
  shorthand: "h",
  type: "bool",
  configKey: "help",
  help: "Print this help.",
};

type ValueOf<Row> = Row extends { type: "choice"; values: readonly (infer Word)[] }
  ? Word
  : Row extends { type: infer Name extends keyof ValueByType }
    ? ValueByType[Name]
    : never;

type ValuesOf<Rows> = { readonly [Key in keyof Rows]: ValueOf<Rows[Key]> };

/** The value of every flag that has an effect; a flag that is not of the command has its default. */
export interface FlagValues
  extends
    ValuesOf<typeof kubernetesApiFlags>,
    ValuesOf<typeof exportFlags>,
    ValuesOf<typeof customResourceFlags>,
    ValuesOf<typeof shardingFlags>,
    ValuesOf<typeof coordinatorFlags>,
    ValuesOf<typeof demoFlags>,
    ValuesOf<typeof renderFlags>,
    ValuesOf<typeof layoutFlags>,
    ValuesOf<typeof discoveryFlags>,
    ValuesOf<typeof httpFlags>,
    ValuesOf<typeof processFlags>,
    ValuesOf<typeof loggingFlags> {}

/** A flag with its key in FlagValues and where it belongs. */
export interface Flag {
  readonly key: string;
  readonly row: FlagRow;
  readonly group: string;
  readonly commands: readonly RunCommand[];
}

/** Every flag but `--help`. */
export const flags: readonly Flag[] = flagGroups.flatMap((group) =>
  Object.entries(group.flags).map(([key, row]) => ({
    key,
    row,
    group: group.title,
    commands: withRbac(row.commands ?? group.commands),
  })),
);

/** What a worker may need follows from its flags: the command that prints it takes them all. */
function withRbac(names: readonly RunCommand[]): readonly RunCommand[] {
  return names.includes("worker") ? [...names, "rbac"] : names;
}

/** The flags that a command takes. */
export function flagsOf(command: RunCommand): readonly Flag[] {
  return flags.filter((flag) => flag.commands.includes(command));
}
