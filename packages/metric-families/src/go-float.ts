const DECIMAL = /^[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?$/;
const HEXADECIMAL =
  /^([+-]?)0[xX](_?[\da-fA-F][\da-fA-F_]*)?(?:\.([\da-fA-F_]*))?[pP]([+-]?\d[\d_]*)$/;
/** An underscore stands between two digits; after the base prefix one may come first. */
const MISPLACED = /(?<!\d)_|_(?!\d)/;
const MISPLACED_HEXADECIMAL = /(?<![\da-fA-FxX])_|_(?![\da-fA-F])/;

/**
 * A number as Go's `strconv.ParseFloat(text, 64)` reads it: decimal and hexadecimal floats, underscores between digits, `Inf`,
 * `Infinity` and `NaN` in any case. `undefined` where that fails, which includes a magnitude beyond the range of a double.
 */
export function parseGoFloat(text: string): number | undefined {
  const special = /^(?:([+-]?)inf(?:inity)?|nan)$/i.exec(text);
  if (special !== null) {
    if (/nan/i.test(text)) return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal === null && !DECIMAL.test(text)) return undefined;
  if ((hexadecimal === null ? MISPLACED : MISPLACED_HEXADECIMAL).test(text)) return undefined;
  const number =
    hexadecimal === null ? Number(text.replaceAll("_", "")) : hexadecimalValue(hexadecimal);
  return number === undefined || !Number.isFinite(number) ? undefined : number;
}

function hexadecimalValue(match: RegExpExecArray): number | undefined {
  const [integer = "", fraction = "", exponent = ""] = match
    .slice(2)
    .map((part) => (part ?? "").replaceAll("_", ""));
  const digits = integer + fraction;
  if (digits === "") return undefined;
  // Powers of two scale exactly, so the only rounding is the one of the digits; no resource version has more than 53 bits.
  const magnitude = Number(BigInt(`0x${digits}`)) * 2 ** (Number(exponent) - 4 * fraction.length);
  return match[1] === "-" ? -magnitude : magnitude;
}
