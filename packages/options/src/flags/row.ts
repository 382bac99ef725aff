import type { RunCommand } from "../commands.ts";

/** The TypeScript value of every flag type; `value-types.ts` has one parser for each. */
export interface ValueByType {
  bool: boolean;
  /** 64-bit integers as doubles. */
  int: number;
  int32: number;
  int64: number;
  uint64: number;
  float64: number;
  /** Milliseconds. */
  duration: number;
  /** Bytes. */
  bytes: number;
  string: string;
  path: string;
  choice: string;
  /** Sorted, without duplicates; repeating the flag adds. */
  set: readonly string[];
  /** In the order given, duplicates kept; repeating the flag appends. */
  list: readonly string[];
  /** Like `list`, each item an http(s) URL. */
  urls: readonly string[];
  /** One path per occurrence, never split. */
  paths: readonly string[];
  allowMap: AllowMap;
}

export type TypeName = keyof ValueByType;

/** Keys by resource name, as `--metric-labels-allowlist` gives them; a resource may be `*`. */
export type AllowMap = Readonly<Record<string, readonly string[]>>;

/** One flag: parsing, help, completion and documentation all read this row. */
export interface FlagRow {
  readonly name: string;
  readonly shorthand?: string;
  readonly type: TypeName;
  /** In the flag's own text form; left out for the type's empty value (`""`, `false`). */
  readonly default?: string;
  /** Left out for the name with underscores; `false` for no key. */
  readonly configKey?: string | false;
  /** Counts only where the canonical key, the flag and the environment give nothing. */
  readonly configKeyDeprecated?: string;
  readonly help: string;
  /** Left out for those of the group. */
  readonly commands?: readonly RunCommand[];
  /** Stands for the value in the help; left out for that of the type. */
  readonly placeholder?: string;
  /** The accepted words of a `choice`. */
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Not a flag of kube-state-metrics. */
  readonly own?: true;
  /** Accepted and without effect: why. Giving it is a warning. */
  readonly noop?: string;
  /** Accepted under its old name: the flag that takes the value. Giving it is a warning. */
  readonly renamedTo?: string;
}

type FlagRows = Readonly<Record<string, FlagRow>>;

/** Flags that stand under one heading of the help. */
export interface FlagGroup {
  readonly title: string;
  readonly commands: readonly RunCommand[];
  readonly flags: FlagRows;
}

/** Whether a flag has a value of its own. */
export function hasEffect(row: FlagRow): boolean {
  return row.noop === undefined && row.renamedTo === undefined;
}

/** The key of a flag in the `--config` file, if it has one. */
export function configKeyOf(row: FlagRow): string | undefined {
  if (row.configKey === false || !hasEffect(row)) return undefined;
  return row.configKey ?? row.name.replaceAll("-", "_");
}

/** How the variable of every flag begins. */
export const environmentPrefix = "KUBE_STATE_MOSAIC_";

/** The environment variable that stands for a flag. */
export function environmentVariableOf(row: FlagRow): string {
  return `${environmentPrefix}${row.name.replaceAll("-", "_").toUpperCase()}`;
}

/** The default in text form. */
export function defaultTextOf(row: FlagRow): string {
  return row.default ?? (row.type === "bool" ? "false" : "");
}
