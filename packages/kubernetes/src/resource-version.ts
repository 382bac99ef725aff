// KEP-5504: decimal, no leading zero, not "0".
const COMPARABLE = /^[1-9][0-9]*$/;

/**
 * Negative, 0 or positive as `a` is older than, equal to or newer than `b`;
 * `undefined` when they differ and one of them is not of the comparable form.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!COMPARABLE.test(a) || !COMPARABLE.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}
