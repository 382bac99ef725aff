import { isList, isMapping, isNothing, memberOf, type Found } from "./json-value.ts";
import { numberOf } from "./number.ts";

/** A way from a value to one inside it. */
export interface Path {
  /** As messages show it: `[status,conditions,[type=Ready]]`. */
  readonly text: string;
  readonly steps: readonly string[];
  /** What the path selects of a value; nothing when a step does not apply. An empty path selects the value itself. */
  readonly of: (value: Found) => Found;
}

/** Why a step cannot be taken. */
export class PathFault {
  readonly index: number;
  readonly reason: string;

  constructor(index: number, reason: string) {
    this.index = index;
    this.reason = reason;
  }
}

type Step = (value: Found) => Found;

export function compilePath(texts: readonly string[]): Path | PathFault {
  const steps: Step[] = [];
  for (const [index, text] of texts.entries()) {
    const step = isLookup(text) ? lookup(text) : plainStep(text);
    if (step === undefined)
      return new PathFault(index, `a list lookup has the form [key=value] and this is ${text}`);
    steps.push(step);
  }
  return {
    text: `[${texts.join(",")}]`,
    steps: texts,
    of(value) {
      let found = value;
      for (const step of steps) {
        if (isNothing(found)) return undefined;
        found = step(found);
      }
      return isNothing(found) ? undefined : found;
    },
  };
}

function isLookup(text: string): boolean {
  return text.startsWith("[") && text.endsWith("]") && text.length > 1;
}

/** The first mapping of a list whose key has the value, compared as text, as number and as boolean. */
function lookup(text: string): Step | undefined {
  const inside = text.slice(1, -1);
  const at = inside.indexOf("=");
  if (at === -1) return undefined;
  const key = inside.slice(0, at);
  const wanted = inside.slice(at + 1);
  const wantedNumber = numberOf(wanted);
  const wantedBoolean = booleanOf(wanted);
  const matches = (value: Found): boolean =>
    !isNothing(value) &&
    (value === wanted ||
      (typeof wantedNumber === "number" && numberOf(value) === wantedNumber) ||
      (wantedBoolean !== undefined && value === wantedBoolean));
  return (value) =>
    isList(value)
      ? value.find((element) => isMapping(element) && matches(memberOf(element, key)))
      : undefined;
}

function booleanOf(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

/** A key of a mapping (`name=foo`: its value if that is foo), or a position in a list, from the end when negative. */
function plainStep(text: string): Step {
  const [key = "", wanted, ...more] = text.split("=");
  const index = /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
  return (value) => {
    if (isList(value)) return index === undefined ? undefined : value.at(index);
    if (!isMapping(value)) return undefined;
    if (wanted !== undefined && more.length === 0 && memberOf(value, key) === wanted) return wanted;
    return memberOf(value, text);
  };
}
