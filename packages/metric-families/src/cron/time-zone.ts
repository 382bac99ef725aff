/** A time zone, asked for one thing. */
export interface TimeZone {
  /** Seconds east of UTC at an instant, both in whole seconds; the instant within a `Date`'s range. */
  offsetAt(seconds: number): number;
}

const utc: TimeZone = { offsetAt: () => 0 };

/** As many as are in use; the names are those of the time zone database, so there are only hundreds. */
const known = new Map<string, TimeZone>([["UTC", utc]]);

/**
 * The zone of a name of the time zone database or one of its links, in exactly its spelling; `UTC`; or `Local`, the zone of this
 * process. `undefined` for any other text, offsets included.
 */
export function timeZone(name: string): TimeZone | undefined {
  let zone = known.get(name);
  if (zone === undefined) {
    zone = name === "Local" ? localZone() : databaseZone(name);
    if (zone !== undefined) known.set(name, zone);
  }
  return zone;
}

/** A process whose zone cannot be told is taken to run in UTC, as in Go. */
function localZone(): TimeZone {
  return timeZone(Temporal.Now.timeZoneId()) ?? utc;
}

function databaseZone(name: string): TimeZone | undefined {
  if (!/^[A-Za-z][\w/+:-]{0,63}$/.test(name)) return undefined;
  try {
    // Names are found in any letter case here, but shown in the right one; links stay what they are.
    const { timeZoneId } = new Temporal.ZonedDateTime(0n, name);
    return timeZoneId === name ? new DatabaseZone(name) : undefined;
  } catch {
    return undefined;
  }
}

const SECOND = 1_000_000_000n;

/** Remembers the last stretch between two transitions, in which a search stays nearly all the time. */
class DatabaseZone implements TimeZone {
  readonly #name: string;
  #from = Infinity;
  #until = -Infinity;
  #offset = 0;

  constructor(name: string) {
    this.#name = name;
  }

  offsetAt(seconds: number): number {
    if (seconds < this.#from || seconds >= this.#until) this.#load(seconds);
    return this.#offset;
  }

  #load(seconds: number): void {
    const instant = BigInt(seconds) * SECOND;
    const time = new Temporal.ZonedDateTime(instant, this.#name);
    // "previous" is before the time itself, and a transition belongs to the stretch it begins.
    const previous = new Temporal.ZonedDateTime(instant + 1n, this.#name).getTimeZoneTransition(
      "previous",
    );
    const next = time.getTimeZoneTransition("next");
    this.#offset = time.offsetNanoseconds / 1e9;
    this.#from = previous === null ? -Infinity : previous.epochMilliseconds / 1000;
    this.#until = next === null ? Infinity : next.epochMilliseconds / 1000;
  }
}
