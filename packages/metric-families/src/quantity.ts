/**
 * Kubernetes quantities: decimal fixed-point numbers with a suffix (apimachinery `resource.Quantity`). Values beyond 64 bits, where the
 * reference overflows, give their true value.
 */
interface Exact {
  /** The value times 10^9, exact. */
  readonly nano: bigint;
}

const NANO = 1_000_000_000n;
const MICRO = 1_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;
/** Largest whole number of which the reference still forms milli-units. */
const MAX_MILLI = MAX_INT64 / 1000n;
/** Digits or exponents beyond this are no quantity the API accepts; bounds the work on hostile input. */
const MAX_EXPONENT = 400;

const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/;

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
const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/**
 * The value with milli precision, as the reference gives it for cores and for everything outside pods and volumes: rounded up to
 * milli-units, which become a double that is then divided by 1000. `undefined` for no text and for one that is no quantity.
 */
export const milliPrecise: (text: string | undefined) => number | undefined = remembered((text) => {
  const exact = parse(text);
  if (exact === undefined) return undefined;
  const whole = divideAwayFromZero(exact.nano, NANO);
  if (whole > MAX_MILLI) return Number(whole);
  return Number(divideAwayFromZero(exact.nano, MICRO)) / 1000;
});

/** The value rounded up (away from zero) to a whole number, as the reference gives it for bytes and counts of pods and volumes. */
export const whole: (text: string | undefined) => number | undefined = remembered((text) => {
  const exact = parse(text);
  return exact === undefined ? undefined : Number(divideAwayFromZero(exact.nano, NANO));
});

function parse(text: string): Exact | undefined {
  const match = SYNTAX.exec(text);
  if (match === null) return undefined;
  const [, sign, integer = "", fraction = "", suffix = "", exponentText = "0"] = match;
  if (integer === "" && fraction === "") return undefined;
  const exponent = (DECIMAL[suffix] ?? 0) + Number(exponentText) - fraction.length + 9;
  if (Math.abs(exponent) > MAX_EXPONENT || integer.length > MAX_EXPONENT) return undefined;
  const digits = BigInt(integer + fraction) * (BINARY[suffix] ?? 1n);
  let nano =
    exponent >= 0
      ? digits * 10n ** BigInt(exponent)
      : divideAwayFromZero(digits, 10n ** BigInt(-exponent));
  if (suffix in BINARY && nano > MAX_INT64 * NANO) nano = MAX_INT64 * NANO;
  return { nano: sign === "-" ? -nano : nano };
}

function divideAwayFromZero(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** Quantities of a cluster are few and repeat: exact arithmetic costs microseconds, a look-up tens of nanoseconds. */
function remembered(
  convert: (text: string) => number | undefined,
): (text: string | undefined) => number | undefined {
  const known = new Map<string, number | undefined>();
  return (text) => {
    if (text === undefined) return undefined;
    const value = known.get(text);
    if (value !== undefined) return value;
    const converted = convert(text);
    if (known.size >= 4096) known.clear();
    known.set(text, converted);
    return converted;
  };
}
