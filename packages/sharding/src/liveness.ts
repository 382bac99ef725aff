/** What an observer may conclude about the holder of a worker Lease. `unknown` blocks decisions. */
export type Liveness = "fresh" | "dead" | "unknown";

/** Monotonic milliseconds of the observer. Clocks of different machines are never compared. */
export interface LeaseObservation {
  /** When the observer last saw the Lease change; undefined if it never has. */
  readonly changedAt: number | undefined;
  /** Since when the observer's connection to the registry has been up without a break; undefined while it is down. */
  readonly connectedSince: number | undefined;
  readonly now: number;
}

/** How long a worker Lease lasts, in milliseconds. */
export const leaseDuration = 40_000;

/**
 * After an outage of the registry nobody is dead until the observer has listened for a whole lease: otherwise the first planner to
 * reconnect would take all others for dead and commit.
 */
export function livenessOf({ changedAt, connectedSince, now }: LeaseObservation): Liveness {
  if (changedAt !== undefined && now - changedAt < leaseDuration) return "fresh";
  const listened = connectedSince === undefined ? 0 : now - connectedSince;
  return listened >= leaseDuration ? "dead" : "unknown";
}
