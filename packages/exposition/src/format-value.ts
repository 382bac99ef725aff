/**
 * The text of a sample value, equal to the reference's: the shortest digits that read back to the same double, exponent
 * form from 10^6 on and below 10^-4 (JavaScript switches at 10^21 and 10^-6), `NaN`, `+Inf`, `-Inf`, and no negative zero.
 */
export function formatValue(value: number): string {
  const magnitude = value < 0 ? -value : value;
  // String(-0) is "0", which is the text wanted.
  if (magnitude < 1e6 && (magnitude >= 1e-4 || magnitude === 0)) return String(value);
  if (magnitude === Infinity) return value > 0 ? "+Inf" : "-Inf";
  if (Number.isNaN(value)) return "NaN";
  const text = value.toExponential();
  // Go pads the exponent to two digits, JavaScript does not: "1e+9" becomes "1e+09".
  return text.at(-2) === "+" || text.at(-2) === "-"
    ? `${text.slice(0, -1)}0${text.slice(-1)}`
    : text;
}
