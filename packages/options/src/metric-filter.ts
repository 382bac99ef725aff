import { RE2JS } from "re2js";

import { Invalid } from "./invalid.ts";

/** Whether a family is exposed, by its name and whether it is an opt-in family. */
export type MetricFilter = (name: string, optIn: boolean) => boolean;

type Test = (name: string) => boolean;

/** The lists of `--metric-allowlist`, `--metric-denylist` and `--metric-opt-in-list`; allow and deny are not both set. */
export interface MetricLists {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly optIn: readonly string[];
}

/** One filter for the three lists, each expression searched anywhere in the name. Expressions that do not compile let everything pass. */
export function compileMetricFilter(lists: MetricLists): MetricFilter {
  const compileAll = (items: readonly string[], compile: (item: string) => Test | Invalid) =>
    items.map(compile).filter((test): test is Test => !(test instanceof Invalid));
  const allow = compileAll(lists.allow, compileEcmaScript);
  const deny = compileAll(lists.deny, compileEcmaScript);
  const optIn = compileAll(lists.optIn, compileRe2);
  return (name, isOptIn) => {
    const matches = (test: Test): boolean => test(name);
    if (isOptIn && !optIn.some(matches)) return false;
    if (allow.length > 0) return allow.some(matches);
    return !deny.some(matches);
  };
}

/** A search for an expression of the allow and deny lists. */
export function compileEcmaScript(expression: string): Test | Invalid {
  // Without the u flag JavaScript reads an unknown escape as the letter itself, where the reference's engine knows
  // more of them (\A, \z): such an expression would silently match something else.
  for (const [escape, letter] of expression.matchAll(/\\(.)/gs))
    if (/[A-Za-z]/.test(letter ?? "") && !/[bBcdDfknrsStuvwWx]/.test(letter ?? ""))
      return new Invalid(`${escape} is not part of ECMAScript regular expressions`);
  try {
    const compiled = new RegExp(expression);
    return (name) => compiled.test(name);
  } catch (error) {
    return new Invalid(reasonOf(error, /^Invalid regular expression: .*: /s));
  }
}

/** A search for an expression of the opt-in list. */
export function compileRe2(expression: string): Test | Invalid {
  try {
    const compiled = RE2JS.compile(expression);
    return (name) => compiled.matcher(name).find();
  } catch (error) {
    return new Invalid(reasonOf(error, /^error parsing regexp: /));
  }
}

function reasonOf(error: unknown, prefix: RegExp): string {
  return String(error instanceof Error ? error.message : error).replace(prefix, "");
}
