const decimal = /^(?:0|[1-9][0-9]*)$/;

/** A version as a number if it is decimal and exact as one, else -1. */
export function numericVersion(version: string): number {
  if (version.length > 15 || !decimal.test(version)) return -1;
  return Number(version);
}

/** Whether `a` is certainly older than `b`: both are decimal (KEP-5504), of any length, and `a` is lower. */
export function isOlder(a: string, b: string): boolean {
  if (!decimal.test(a) || !decimal.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
