/** Nanoseconds of each unit of a Go duration; micro is written with either of two code points. */
const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "\u00b5s": 1e3,
  "\u03bcs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const GROUP = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;
const DURATION = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const MAX_INT64 = 2n ** 63n - 1n;

/** Whole seconds of a Go duration such as `1h30m`, a fraction of a second cut off; `undefined` if it is none, or below one second. */
export function everySeconds(text: string): number | undefined {
  if (text.startsWith("-") || !DURATION.test(text)) return undefined;
  let nanoseconds = 0n;
  for (const [, integer = "", fraction = "", unit = ""] of text.matchAll(GROUP))
    nanoseconds += groupNanoseconds(integer, fraction, units[unit] ?? 0);
  const seconds = nanoseconds / 1_000_000_000n;
  return seconds < 1n || nanoseconds > MAX_INT64 ? undefined : Number(seconds);
}

/** Whole numbers are exact; fractions go through doubles, in the same steps as in Go. */
function groupNanoseconds(integer: string, fraction: string, unit: number): bigint {
  const digits = leadingDigits(fraction);
  const part = Math.trunc(Number(digits) * (unit / 10 ** digits.length));
  return BigInt(integer) * BigInt(unit) + BigInt(part);
}

/** As many digits as fit 64 bits; Go ignores the others. */
function leadingDigits(fraction: string): string {
  const [digits = ""] = /^0*\d{0,19}/.exec(fraction) ?? [];
  return BigInt(digits) > 2n ** 63n ? digits.slice(0, -1) : digits;
}
