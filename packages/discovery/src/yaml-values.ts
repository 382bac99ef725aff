import { parseDocument, visit } from "yaml";

/** What is wrong with one setting; whoever knows file and job adds them. */
export class SettingProblem extends Error {
  /** As in the file: `kubernetes_sd_configs[0].role`. */
  readonly key: string;

  constructor(key: string, reason: string) {
    super(reason);
    this.name = "SettingProblem";
    this.key = key;
  }
}

/** A value of a YAML file: scalars are the text as written, so that `regex: 1.0` stays "1.0". */
export type YamlValue = string | null | readonly YamlValue[] | YamlMap;
export interface YamlMap {
  readonly [key: string]: YamlValue;
}

/** Reads YAML or JSON. Throws a SettingProblem, with the line, for what is neither. */
export function parseYaml(text: string): YamlValue {
  const document = parseDocument(text, { schema: "failsafe", merge: true });
  const [error] = document.errors;
  if (error !== undefined)
    throw new SettingProblem("", `not valid YAML: ${error.message.split("\n")[0] ?? ""}`);
  visit(document, {
    Scalar: (_, node) => {
      // Only unquoted, as in any YAML: a quoted "null" is a word.
      if (node.type === "PLAIN" && /^(?:~|null|Null|NULL|)$/.test(node.source ?? ""))
        node.value = null;
    },
  });
  // Only what the failsafe schema makes is in it.
  return document.toJS() as YamlValue;
}

/** A mapping, empty when absent; with `allowed`, any other key is a problem. */
export function mapping(
  value: YamlValue | undefined,
  key: string,
  allowed?: readonly string[],
): YamlMap {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || isList(value)) throw new SettingProblem(key, "not a mapping");
  for (const name of Object.keys(value))
    if (allowed?.includes(name) === false)
      throw new SettingProblem(join(key, name), "there is no such key here");
  return value;
}

/** A list, empty when absent. */
export function list(value: YamlValue | undefined, key: string): readonly YamlValue[] {
  if (value === undefined || value === null) return [];
  if (!isList(value)) throw new SettingProblem(key, "not a list");
  return value;
}

/** A text, `undefined` when absent. */
export function text(value: YamlValue | undefined, key: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new SettingProblem(key, "not a text");
  return value;
}

export function texts(value: YamlValue | undefined, key: string): string[] {
  return list(value, key).map((item, index) => text(item, `${key}[${index}]`) ?? "");
}

export function flag(value: YamlValue | undefined, key: string, otherwise: boolean): boolean {
  const word = text(value, key);
  if (word === undefined) return otherwise;
  if (/^(?:true|yes|on)$/i.test(word)) return true;
  if (/^(?:false|no|off)$/i.test(word)) return false;
  throw new SettingProblem(key, `"${word}" is neither true nor false`);
}

/** The key of a key: `a.b`. */
export function join(key: string, name: string): string {
  return key === "" ? name : `${key}.${name}`;
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}
