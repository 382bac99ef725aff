/** How one reflector stands towards the slots that a view gains. */
export interface ReflectorProgress {
  /** Names the resource (and namespace), for the report. */
  readonly name: string;
  /**
   * The list over the gained slots is complete, at a version from a consistent request made after the layout was read.
   * True from the start for a view that gains nothing.
   */
  readonly listed: boolean;
  /** The stream from there on is open. */
  readonly streaming: boolean;
  /** Monotonic milliseconds since when it has been backing off; undefined if it is not. */
  readonly backingOffSince: number | undefined;
  /** Objects whose newest state could not be decoded. */
  readonly undecodable: number;
  /** The server refuses the resource (403, 404). */
  readonly refused: boolean;
  /** It refuses it in the active view as well (for a newcomer: to the active members). */
  readonly refusedBefore: boolean;
}

/** A reflector may fail for this long without taking the readiness of its view back, in milliseconds. */
const backoffTolerance = 10_000;

/**
 * The reflectors that a view still waits for; it is ready when there are none. Before the commit this is asked again at each
 * change, so that readiness is withdrawn; afterwards it does not matter.
 */
export function reflectorsMissing(
  reflectors: readonly ReflectorProgress[],
  now: number,
): readonly string[] {
  return reflectors.filter((reflector) => !isDone(reflector, now)).map(({ name }) => name);
}

function isDone(reflector: ReflectorProgress, now: number): boolean {
  if (reflector.refused) return reflector.refusedBefore;
  const { backingOffSince } = reflector;
  const failing = backingOffSince !== undefined && now - backingOffSince > backoffTolerance;
  const streaming = reflector.streaming || backingOffSince !== undefined;
  return reflector.listed && streaming && !failing && reflector.undecodable === 0;
}
