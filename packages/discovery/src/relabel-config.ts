import { RE2JS } from "re2js";
import { parseTemplate, type Template } from "./expansion.ts";
import { join, list, mapping, SettingProblem, text, texts, type YamlValue } from "./yaml-values.ts";

const actions = [
  "replace",
  "keep",
  "drop",
  "keepequal",
  "dropequal",
  "hashmod",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "lowercase",
  "uppercase",
] as const;
type RelabelAction = (typeof actions)[number];

/** Which label names a rule may write: any UTF-8 text, or letters, digits and `_` only. */
export type NameScheme = "utf8" | "legacy";

/** One rule of `relabel_configs`, checked and compiled. */
export interface RelabelRule {
  readonly action: RelabelAction;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  /** Anchored at both ends; `.` matches a line feed too. */
  readonly regex: RE2JS;
  readonly modulus: bigint;
  /** As written: only `replace` fills it in. */
  readonly target: string;
  readonly targetTemplate: Template;
  readonly replacement: Template;
  readonly scheme: NameScheme;
  /** The rule as one line, for people. */
  readonly shown: string;
}

const keys = [
  "source_labels",
  "separator",
  "regex",
  "modulus",
  "target_label",
  "replacement",
  "action",
];
const needTarget: readonly RelabelAction[] = [
  "replace",
  "hashmod",
  "lowercase",
  "uppercase",
  "keepequal",
  "dropequal",
];
const legacyName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const legacyTemplate = /^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$/;

/** Whether a label of this name may be written. */
export function isLabelName(name: string, scheme: NameScheme): boolean {
  return scheme === "legacy" ? legacyName.test(name) : name !== "" && name.isWellFormed();
}

/** Reads a list of rules. Throws a SettingProblem. */
export function relabelRules(
  value: YamlValue | undefined,
  key: string,
  scheme: NameScheme,
): RelabelRule[] {
  return list(value, key).map((entry, index) => relabelRule(entry, `${key}[${index}]`, scheme));
}

function relabelRule(value: YamlValue, key: string, scheme: NameScheme): RelabelRule {
  const given = mapping(value, key, keys);
  const read = (name: string, otherwise: string): string =>
    text(given[name], join(key, name)) ?? otherwise;
  const action = actionOf(read("action", "replace"), join(key, "action"));
  const targetLabel = read("target_label", "");
  const replacement = "replacement" in given ? read("replacement", "") : "$1";
  // A regex that is there but null is the empty one.
  const regex = "regex" in given ? read("regex", "") : "(.*)";
  const modulus = modulusOf(read("modulus", "0"), join(key, "modulus"));
  const facts = { action, targetLabel, replacement, modulus, present: Object.keys(given), scheme };
  checkTarget(facts, key);
  checkUnused(facts, key);
  return {
    action,
    sourceLabels: texts(given["source_labels"], join(key, "source_labels")),
    separator: "separator" in given ? read("separator", "") : ";",
    regex: compile(regex, join(key, "regex")),
    modulus,
    target: targetLabel,
    targetTemplate: parseTemplate(targetLabel),
    replacement: parseTemplate(replacement),
    scheme,
    shown: `${key}: ${JSON.stringify(given)}`,
  };
}

interface Facts {
  readonly action: RelabelAction;
  readonly targetLabel: string;
  readonly replacement: string;
  readonly modulus: bigint;
  readonly present: readonly string[];
  readonly scheme: NameScheme;
}

function actionOf(word: string, key: string): RelabelAction {
  const action = actions.find((name) => name === word.toLowerCase());
  if (action === undefined)
    throw new SettingProblem(key, `there is no action "${word}": one of ${actions.join(", ")}`);
  return action;
}

function modulusOf(digits: string, key: string): bigint {
  if (!/^\d+$/.test(digits) || BigInt(digits) >= 2n ** 64n)
    throw new SettingProblem(key, `"${digits}" is not an unsigned 64-bit integer`);
  return BigInt(digits);
}

function compile(regex: string, key: string): RE2JS {
  try {
    return RE2JS.compile(`^(?s:${regex})$`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingProblem(
      key,
      `"${regex}" is not an RE2 regular expression: ${reason.replace(/^error parsing regexp: /, "")}`,
    );
  }
}

function checkTarget(
  { action, targetLabel, replacement, modulus, scheme }: Facts,
  key: string,
): void {
  const isTemplate = (name: string): boolean =>
    scheme === "legacy" ? legacyTemplate.test(name) : isLabelName(name, scheme);
  if (action === "hashmod" && modulus === 0n)
    throw new SettingProblem(join(key, "modulus"), "hashmod needs a modulus above 0");
  if (needTarget.includes(action)) {
    const at = join(key, "target_label");
    if (targetLabel === "") throw new SettingProblem(at, `is missing: ${action} needs it`);
    const mayExpand = action === "replace" && targetLabel.includes("$");
    const isValid = mayExpand ? isTemplate(targetLabel) : isLabelName(targetLabel, scheme);
    if (!isValid) throw new SettingProblem(at, `"${targetLabel}" is not a label name`);
  }
  if (action === "labelmap" && !isTemplate(replacement))
    throw new SettingProblem(join(key, "replacement"), `"${replacement}" is not a label name`);
}

/** Settings that an action would not use are mistakes. */
function checkUnused({ action, replacement, present }: Facts, key: string): void {
  const allow = (allowed: readonly string[]): void => {
    for (const name of present)
      if (name !== "action" && !allowed.includes(name))
        throw new SettingProblem(join(key, name), `${action} does not use it`);
  };
  if (action === "keepequal" || action === "dropequal") allow(["source_labels", "target_label"]);
  if (action === "labeldrop" || action === "labelkeep") allow(["regex"]);
  if ((action === "lowercase" || action === "uppercase") && replacement !== "$1")
    throw new SettingProblem(join(key, "replacement"), `${action} does not use it`);
}
