/**
 * Positive if `a` is the newer of two versions of one resource, 0 if they are equal. Versions are decimal numbers of any length
 * without leading zeros, as Kubernetes guarantees since 1.35; "" is older than all.
 */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a > b ? 1 : -1;
}

/** The newer one of two versions of one resource. */
export function newerVersion(a: string, b: string): string {
  return compareVersions(a, b) >= 0 ? a : b;
}
