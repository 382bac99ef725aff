import { Invalid } from "./invalid.ts";

const integerForms = [
  { form: /^(?:0|[1-9](?:_?\d)*)$/, prefix: "", skip: 0 },
  { form: /^0[xX](?:_?[0-9a-fA-F])+$/, prefix: "0x", skip: 2 },
  { form: /^0[oO](?:_?[0-7])+$/, prefix: "0o", skip: 2 },
  { form: /^0[bB](?:_?[01])+$/, prefix: "0b", skip: 2 },
  { form: /^0(?:_?[0-7])+$/, prefix: "0o", skip: 1 },
];

/** An integer in one of the forms of Go's base-0 syntax (0x1f, 0o17, 017, 0b1, 1_000), within the closed range `[min, max]`. */
export function parseInteger(text: string, min: bigint, max: bigint): number | Invalid {
  const [, sign = "", digits = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const form = integerForms.find((candidate) => candidate.form.test(digits));
  if (form === undefined) return new Invalid("not a whole number such as 8080");
  const magnitude = BigInt(form.prefix + digits.slice(form.skip).replaceAll("_", ""));
  const value = sign === "-" ? -magnitude : magnitude;
  if (value < min || value > max) return new Invalid(`not between ${min} and ${max}`);
  return Number(value);
}

/** A finite decimal number such as 0.9 or 1e-3. */
export function parseFloatingPoint(text: string): number | Invalid {
  const value = Number(text);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) && Number.isFinite(value)
    ? value
    : new Invalid("not a number such as 0.9");
}

const millisecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
};
const durationPart = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Milliseconds of a duration in Go's syntax: 90s, 1m30s, 1.5h; only 0 needs no unit. */
export function parseDuration(text: string): number | Invalid {
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return 0;
  if (body === "" || body.replace(durationPart, "") !== "")
    return new Invalid("not a duration such as 90s, 1m30s or 1.5h");
  let total = 0;
  for (const [, amount, unit = ""] of body.matchAll(durationPart))
    total += Number(amount) * (millisecondsPerUnit[unit] ?? Number.NaN);
  return sign === "-" ? -total : total;
}

const bytesPerUnit: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes of a size with the suffixes of Kubernetes quantities: 64Mi, 1.5Gi, 500M, 1024. */
export function parseBytes(text: string): number | Invalid {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)([kMGT]|[KMGT]i)?$/.exec(text) ?? [];
  if (amount === undefined) return new Invalid("not a size such as 64Mi, 1Gi or 1048576");
  return Math.round(Number(amount) * (bytesPerUnit[unit] ?? 1));
}
