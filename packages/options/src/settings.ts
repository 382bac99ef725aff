import type { RunCommand } from "./commands.ts";
import type { FileMap, FileValue } from "./config-file.ts";
import { flagsOf, flags, type Flag } from "./flag-groups.ts";
import {
  configKeyOf,
  defaultTextOf,
  environmentPrefix as prefix,
  environmentVariableOf,
  type FlagRow,
} from "./flags/row.ts";
import { Invalid } from "./invalid.ts";
import type { Occurrence } from "./argv.ts";
import { didYouMean } from "./nearest.ts";
import { valueTypes, type ValueType } from "./value-types.ts";

/** The value of one flag and where it comes from. */
interface Setting {
  readonly value: unknown;
  readonly source: "default" | "environment" | "flag" | "file";
  /** The setting as it was written, for messages: `--port=1`, `KUBE_STATE_MOSAIC_PORT=1`, `port: 1 (in config.yaml)`. */
  readonly shown: string;
  /** The value could not be read; a problem says so and the value is the default. */
  readonly broken?: true;
}

/** Settings by their key in FlagValues. */
export type Settings = Map<string, Setting>;

/** What was found wrong; all of it, not the first only. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

/** Defaults of all flags. */
export function defaultSettings(): Settings {
  return new Map(
    flags.map(({ key, row }) => {
      const text = defaultTextOf(row);
      const value = row.type === "paths" ? [] : valueTypeOf(row).parse(text, row);
      const shown = `--${row.name}${text === "" ? "" : `=${text}`} (the default)`;
      return [key, { value, source: "default", shown }];
    }),
  );
}

/** Takes over what the environment sets for the command's flags. An empty variable counts as unset. */
export function applyEnvironment(
  settings: Settings,
  from: { command: RunCommand; env: Readonly<Record<string, string | undefined>> },
  findings: Findings,
): void {
  const isCurrent = ({ row }: Flag): boolean => row.renamedTo === undefined;
  for (const { key, row } of flagsOf(from.command).filter(isCurrent)) {
    const name = environmentVariableOf(row);
    const text = from.env[name];
    if (text === undefined || text === "" || isServiceLink(name, text)) continue;
    const shown = `${name}=${shorten(text)}`;
    put(
      settings,
      { key, value: valueTypeOf(row).parse(text, row), source: "environment", shown },
      findings,
    );
    if (row.noop !== undefined) findings.warnings.push(`${shown} has no effect: ${row.noop}`);
  }
  const known = flags
    .filter(isCurrent)
    .map(({ row }) => environmentVariableOf(row).slice(prefix.length));
  for (const [name, text = ""] of Object.entries(from.env)) {
    const flag = name.slice(prefix.length);
    if (!name.startsWith(prefix) || known.includes(flag) || isServiceLink(name, text)) continue;
    const hint = didYouMean(flag, known, prefix);
    findings.warnings.push(`${name} is ignored: no flag has this name${hint}`);
  }
}

/** Takes over the flags of the command line; repeated ones combine as their type says. */
export function applyFlags(
  settings: Settings,
  occurrences: readonly Occurrence[],
  findings: Findings,
): void {
  for (const { row, text } of occurrences) {
    const shown = `--${row.name}=${shorten(text)}`;
    const target = row.renamedTo === undefined ? row.name : row.renamedTo;
    if (row.renamedTo !== undefined)
      findings.warnings.push(`${shown} is taken as --${target}, the name of this flag today`);
    if (row.noop !== undefined) findings.warnings.push(`${shown} has no effect: ${row.noop}`);
    const key = keyOf(row, target);
    const type = valueTypeOf(row);
    const before = settings.get(key);
    let value = type.parse(text, row);
    if (!(value instanceof Invalid) && type.combine !== undefined && before?.source === "flag")
      value = type.combine(before.value, value);
    put(settings, { key, value, source: "flag", shown }, findings);
  }
}

/** Takes over what the config file sets for the command's flags; it wins over flags and environment. */
export function applyFile(
  settings: Settings,
  from: { command: RunCommand; path: string; content: FileMap },
  findings: Findings,
): void {
  for (const { key, row } of flagsOf(from.command)) {
    const configKey = configKeyOf(row);
    if (configKey === undefined) continue;
    putFromFile(settings, { key, row, configKey, ...from }, findings);
    const old = row.configKeyDeprecated;
    if (old === undefined || !from.content.has(old) || settings.get(key)?.value !== "") continue;
    findings.warnings.push(`${old} (in ${from.path}) is the old name of ${configKey}`);
    putFromFile(settings, { key, row, configKey: old, ...from }, findings);
  }
  const known = flags.flatMap(({ row }) => [configKeyOf(row), row.configKeyDeprecated]);
  const keys = known.filter((name) => name !== undefined);
  for (const name of from.content.keys())
    if (name !== "help" && !keys.includes(name))
      findings.warnings.push(
        `${name} (in ${from.path}) is ignored: no setting has this name${didYouMean(name, keys)}`,
      );
}

function putFromFile(
  settings: Settings,
  entry: { key: string; row: FlagRow; configKey: string; path: string; content: FileMap },
  findings: Findings,
): void {
  const { key, row, configKey, content } = entry;
  const raw = content.get(configKey);
  if (raw === undefined || raw === null) return;
  const value = fileValueOf(row, raw);
  if (value === undefined) return;
  const shown = `${configKey}: ${shorten(textOf(raw))} (in ${entry.path})`;
  put(settings, { key, value, source: "file", shown }, findings);
}

function fileValueOf(row: FlagRow, raw: FileValue): unknown {
  const type = valueTypeOf(row);
  if (type.parseFile !== undefined) return type.parseFile(raw);
  if (typeof raw !== "string") return new Invalid("not a single value");
  // A bare number is nanoseconds in the file, as kube-state-metrics decodes it.
  const isNanoseconds = row.type === "duration" && /^-?\d+$/.test(raw);
  return type.parse(isNanoseconds ? `${raw}ns` : raw, row);
}

function put(
  settings: Settings,
  entry: { key: string; value: unknown; source: Setting["source"]; shown: string },
  findings: Findings,
): void {
  const { key, value, source, shown } = entry;
  if (value instanceof Invalid) {
    findings.problems.push(`${shown}: ${value.reason}`);
    const fallback = settings.get(key)?.value;
    settings.set(key, { value: fallback, source, shown, broken: true });
  } else settings.set(key, { value, source, shown });
}

/** The parser of a row, for values whose type only the row knows. */
function valueTypeOf(row: FlagRow): ValueType<unknown> {
  // Each entry combines only what it has parsed itself, so forgetting its type is sound.
  return valueTypes[row.type] as unknown as ValueType<unknown>;
}

function keyOf(row: FlagRow, target: string): string {
  const isTarget = (flag: Flag): boolean =>
    row.renamedTo === undefined ? flag.row === row : flag.row.name === target;
  return flags.find(isTarget)?.key ?? row.name;
}

/**
 * Kubernetes gives containers variables of this form for every Service. A Service named kube-state-mosaic yields
 * KUBE_STATE_MOSAIC_PORT=tcp://…, which is not a setting of ours.
 */
function isServiceLink(name: string, text: string): boolean {
  return (
    /^(?:tcp|udp|sctp):\/\//.test(text) ||
    /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/.test(name)
  );
}

function textOf(value: FileValue): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`;
  return `{${[...value].map(([key, content]) => `${key}: ${textOf(content)}`).join(", ")}}`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
