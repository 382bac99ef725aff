import { createHash } from "node:crypto";
import { expand, type Template } from "./expansion.ts";
import { isLabelName, type RelabelRule } from "./relabel-config.ts";
import type { Labels, LabelSet } from "./target-group.ts";

/** What the rules made of a label set: the labels, or the rule that dropped it. */
export type Relabeled =
  | { readonly kind: "kept"; readonly labels: Labels }
  | { readonly kind: "dropped"; readonly rule: RelabelRule; readonly value: string };

/** Applies the rules in order, as Prometheus does; `labels` is left as it is. */
export function relabel(labels: LabelSet, rules: readonly RelabelRule[]): Relabeled {
  const current: Labels = new Map(labels);
  for (const rule of rules) {
    const value = rule.sourceLabels.map((name) => current.get(name) ?? "").join(rule.separator);
    if (!apply(rule, current, value)) return { kind: "dropped", rule, value };
  }
  return { kind: "kept", labels: current };
}

/** The last eight bytes of the value's MD5 as a number, modulo `modulus`. */
export function hashmod(value: string, modulus: bigint): bigint {
  return createHash("md5").update(value, "utf8").digest().readBigUInt64BE(8) % modulus;
}

/** False: the label set is dropped. */
function apply(rule: RelabelRule, labels: Labels, value: string): boolean {
  switch (rule.action) {
    case "replace":
      replace(rule, labels, value);
      return true;
    case "keep":
      return matches(rule, value);
    case "drop":
      return !matches(rule, value);
    case "keepequal":
      return value === (labels.get(rule.target) ?? "");
    case "dropequal":
      return value !== (labels.get(rule.target) ?? "");
    case "hashmod":
      set(labels, rule.target, String(hashmod(value, rule.modulus)));
      return true;
    case "lowercase":
      set(labels, rule.target, lowerCase(value));
      return true;
    case "uppercase":
      set(labels, rule.target, upperCase(value));
      return true;
    case "labelmap":
      for (const [name, content] of new Map(labels)) {
        const fill = groupsOf(rule, name);
        if (fill !== undefined) set(labels, fill(rule.replacement), content);
      }
      return true;
    case "labeldrop":
    case "labelkeep":
      for (const name of labels.keys())
        if (matches(rule, name) === (rule.action === "labeldrop")) labels.delete(name);
      return true;
  }
}

function replace(rule: RelabelRule, labels: Labels, value: string): void {
  const fill = groupsOf(rule, value);
  if (fill === undefined) return;
  const name = fill(rule.targetTemplate);
  if (isLabelName(name, rule.scheme)) set(labels, name, fill(rule.replacement));
}

function matches({ regex }: RelabelRule, text: string): boolean {
  return regex.matcher(text).matches();
}

/** Fills templates with the groups of a match; undefined when there is none. */
function groupsOf(
  { regex }: RelabelRule,
  text: string,
): ((template: Template) => string) | undefined {
  const matcher = regex.matcher(text);
  if (!matcher.matches()) return undefined;
  const names = regex.namedGroups();
  const groupOf = (name: string): string => {
    const isNumber = /^(?:0|[1-9]\d*)$/.test(name);
    if (!isNumber && !Object.hasOwn(names, name)) return "";
    const number = isNumber ? Number(name) : (names[name] ?? 0);
    if (number > matcher.groupCount()) return "";
    return matcher.group(number) ?? "";
  };
  return (template) => expand(template, groupOf);
}

function set(labels: Labels, name: string, value: string): void {
  if (value === "") labels.delete(name);
  else labels.set(name, value);
}

/** Letter by letter, as Go does: no word endings, no ligatures taken apart. */
function lowerCase(text: string): string {
  return text.replace(/\p{L}/gu, (letter) =>
    String.fromCodePoint(letter.toLowerCase().codePointAt(0) ?? 0),
  );
}

function upperCase(text: string): string {
  return text.replace(/[\p{L}\p{N}\p{M}]/gu, (letter) => {
    const upper = letter.toUpperCase();
    const [first] = upper;
    return upper === first ? upper : letter;
  });
}
