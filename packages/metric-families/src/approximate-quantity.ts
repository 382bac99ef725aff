/**
 * The approximate conversion of Kubernetes quantities (apimachinery `Quantity.AsApproximateFloat64`): an integer times a power of
 * ten, each a double, multiplied. It shows tenths that a division would not (`700m` is 0.7000000000000001).
 */
const SYNTAX = /^([+-]?)0*(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;

const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const NANO_EXPONENT = -9;
/** Digits that always fit a 64-bit integer. */
const MAX_DIGITS = 18;
const MAX_INT64 = 2n ** 63n - 1n;

/** Integer and exponent of ten, as the reference keeps them. */
interface Scaled {
  readonly integer: bigint;
  readonly exponent: number;
}

/** The value of a quantity; `undefined` for `undefined` and for a text that is no quantity. */
export function approximate(text: string | undefined): number | undefined {
  const match = text === undefined ? null : SYNTAX.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = "", fraction = "", suffix = "", exponent = "0"] = match;
  if (!/^[+-]?\.?\d/.test(match[0])) return undefined;
  const bits = BINARY[suffix];
  const scaled =
    bits === undefined
      ? decimal(digits, fraction, Number(exponent) + (DECIMAL[suffix] ?? 0))
      : binary(digits, fraction, bits);
  const magnitude =
    scaled.exponent === 0
      ? Number(scaled.integer)
      : // A literal, not `10 ** n`, which may be off by one unit in the last place.
        Number(scaled.integer) * Number(`1e${scaled.exponent}`);
  return sign === "-" ? -magnitude : magnitude;
}

function decimal(digits: string, fraction: string, exponent: number): Scaled {
  const integer = BigInt(digits + fraction);
  const scale = exponent - fraction.length;
  // A zero before the point counts as a digit.
  const length = Math.max(1, digits.length) + fraction.length;
  const fits = length <= MAX_DIGITS && scale >= NANO_EXPONENT;
  return fits ? { integer, exponent: scale } : inNano(integer, scale);
}

/** Binary quantities are kept whole only where a rough estimate says that they fit; a fraction never does. */
function binary(digits: string, fraction: string, bits: number): Scaled {
  const integer = BigInt(digits + fraction) << BigInt(bits);
  const fits = fraction === "" && digits.length + Math.trunc(bits * 0.3) < 15;
  if (fits) return { integer, exponent: 0 };
  const scaled = inNano(integer, -fraction.length);
  return scaled.integer > MAX_INT64 * 10n ** 9n ? { integer: MAX_INT64, exponent: 0 } : scaled;
}

/** Everything else is kept in nano-units, rounded away from zero. */
function inNano(integer: bigint, exponent: number): Scaled {
  const shift = exponent - NANO_EXPONENT;
  if (shift >= 0) return { integer: integer * 10n ** BigInt(shift), exponent: NANO_EXPONENT };
  const divisor = 10n ** BigInt(-shift);
  return { integer: (integer + divisor - 1n) / divisor, exponent: NANO_EXPONENT };
}
