import { approximate, parseGoFloat } from "@kube-state-mosaic/metric-families";
import { isList, isNothing, type Found } from "./json-value.ts";
import { rfc3339Seconds } from "./rfc3339.ts";

/** Why there is no number. */
export class NoNumber {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The number a value stands for: numbers, booleans and texts; nothing is 0 with `nilIsZero`. */
export function numberOf(value: Found, nilIsZero: boolean = false): number | NoNumber {
  if (typeof value === "number") return value;
  if (typeof value === "string") return numberOfText(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "bigint") return Number(value);
  if (isNothing(value)) return nilIsZero ? 0 : new NoNumber("expected a number, found nothing");
  return new NoNumber(`expected a number, found a ${isList(value) ? "list" : "mapping"}`);
}

const words: ReadonlyMap<string, number> = new Map([
  ["true", 1],
  ["yes", 1],
  ["false", 0],
  ["no", 0],
  ["unknown", 0],
]);

/** The first that fits: words, times, quantities (so every plain decimal number), percentages, Go's other ways to write a float. */
function numberOfText(text: string): number | NoNumber {
  return (
    words.get(text.toLowerCase()) ??
    rfc3339Seconds(text) ??
    quantity(text) ??
    percentage(text) ??
    parseGoFloat(text) ??
    new NoNumber(`${JSON.stringify(text)} is no number, time, quantity or percentage`)
  );
}

/** Quantities without any digit, which Go reads as 0. A binary suffix of 50 bits or more and an exponent below -9 need digits. */
const digitless = /^[+-]?\.?(?:[numkMGTPE]|[KMGT]i|[eE]\+?\d{1,9}|[eE]-\d)?$/;
/** An exponent beyond every double and every nano-unit: no need to write the digits out. */
const hugeExponent = /^([+-]?)(\d+\.?\d*|\.\d+)[eE]([+-]?)\d{4,9}$/;

function quantity(text: string): number | undefined {
  if (text === "") return undefined;
  const plain = text.replace(/(?<=[eE][+-]?)0+(?=\d)/, "");
  if (digitless.test(plain)) return 0;
  const huge = hugeExponent.exec(plain);
  if (huge === null) return approximate(plain);
  const [, sign, mantissa = "", exponentSign] = huge;
  const magnitude = !/[1-9]/.test(mantissa) ? 0 : exponentSign === "-" ? 1e-9 : Infinity;
  return sign === "-" ? -magnitude : magnitude;
}

function percentage(text: string): number | undefined {
  return /^\d+%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined;
}
