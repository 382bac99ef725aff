import { loadNamespace } from "./autosharding-load.ts";

/** What one worker answered in a round. */
export interface Answer {
  readonly pod: string;
  readonly uid: string;
  /** HTTP status; `undefined` where nothing answered. */
  readonly status: number | undefined;
  /** Of the layout that it answers by; members have a shard of it. */
  readonly epoch: number | undefined;
  readonly shard: number | undefined;
  readonly total: number | undefined;
  readonly text: string;
}

/** What was counted in one stretch of time. Durations in milliseconds. */
export interface Tally {
  readonly name: string;
  scrapes: number;
  rounds: number;
  /** Rounds in which members answered by different epochs. */
  mixedRounds: number;
  /** Longest time in one piece between the first and the last of such rounds, the pause to the next round included. */
  longestMixed: number;
  /** Rounds of one epoch in which every member answered. */
  wholeRounds: number;
  /** Rounds of one epoch in which a member did not. */
  partialRounds: number;
  /** Samples of the objects that stay, which nobody had, in rounds of one epoch; in partial ones only if `absenceCounts`. */
  missing: number;
  /** Series of the load that two workers had, in rounds of one epoch. */
  doubled: number;
  /** Some of what was missing or doubled. */
  readonly examples: string[];
}

const marker = `namespace="${loadNamespace}"`;
const steady = '="steady-';

/** Compares the answers of all workers, round after round. */
export class Judge {
  readonly tallies: Tally[] = [];
  /** By pod name: when its shard was last answered, and the longest time that it was not. */
  readonly absences: Map<string, { last: number; longest: number }> = new Map();
  readonly #expected: ReadonlySet<string>;
  readonly #isCoordinated: boolean;
  #absenceCounts = true;
  #mixedSince: number | undefined;

  /**
   * `whole`: an exposition with every sample of the objects that stay. Workers that are not coordinated may answer by different
   * epochs and have samples twice: then every round is compared, whatever its epochs.
   */
  constructor(whole: string, { isCoordinated = true }: { isCoordinated?: boolean } = {}) {
    this.#expected = steadySeries(whole);
    this.#isCoordinated = isCoordinated;
  }

  get expectedSamples(): number {
    return this.#expected.size;
  }

  /** Begins another stretch. Without `absenceCounts` a member may be away, as while it restarts. */
  begin(name: string, { absenceCounts }: { absenceCounts: boolean }): Tally {
    const tally: Tally = {
      name,
      scrapes: 0,
      rounds: 0,
      mixedRounds: 0,
      longestMixed: 0,
      wholeRounds: 0,
      partialRounds: 0,
      missing: 0,
      doubled: 0,
      examples: [],
    };
    this.tallies.push(tally);
    this.absences.clear();
    this.#absenceCounts = absenceCounts;
    return tally;
  }

  /** Takes the answers of one round that began at `at` (milliseconds). */
  take(answers: readonly Answer[], at: number): void {
    const tally = this.tallies.at(-1);
    if (tally === undefined) return;
    tally.rounds += 1;
    tally.scrapes += answers.filter(({ status }) => status !== undefined).length;
    const members = answers.filter(({ status, shard }) => status === 200 && shard !== undefined);
    this.#note(members, at);
    const epochs = new Set(members.map(({ epoch }) => epoch));
    if (epochs.size > 1) {
      tally.mixedRounds += 1;
      this.#mixedSince ??= at;
      if (this.#isCoordinated) return;
    } else if (this.#mixedSince !== undefined) {
      tally.longestMixed = Math.max(tally.longestMixed, at - this.#mixedSince);
      this.#mixedSince = undefined;
    }
    const [first] = members;
    const isWhole =
      epochs.size === 1 &&
      first !== undefined &&
      new Set(members.map(({ shard }) => shard)).size === first.total;
    if (isWhole) tally.wholeRounds += 1;
    else if (epochs.size < 2) tally.partialRounds += 1;
    const found = this.#compare(members, tally.examples);
    tally.doubled += found.doubled;
    if (isWhole || this.#absenceCounts) tally.missing += found.missing;
  }

  #compare(answers: readonly Answer[], examples: string[]): { missing: number; doubled: number } {
    const found = { missing: 0, doubled: 0 };
    const note = (text: string): void => {
      if (examples.length < 5) examples.push(text);
    };
    const seen = new Set<string>();
    for (const { pod, text } of answers)
      for (const series of loadSeries(text)) {
        if (seen.has(series)) {
          found.doubled += 1;
          if (this.#isCoordinated) note(`doubled at ${pod}: ${series}`);
        }
        seen.add(series);
      }
    for (const series of this.#expected)
      if (!seen.has(series)) {
        found.missing += 1;
        if (this.#absenceCounts) note(`missing: ${series}`);
      }
    return found;
  }

  #note(members: readonly Answer[], at: number): void {
    for (const { pod } of members) {
      const absence = this.absences.get(pod) ?? { last: at, longest: 0 };
      absence.longest = Math.max(absence.longest, at - absence.last);
      absence.last = at;
      this.absences.set(pod, absence);
    }
  }
}

/** The series of the load's objects that stay. */
export function steadySeries(text: string): ReadonlySet<string> {
  return new Set(loadSeries(text).filter((series) => series.includes(steady)));
}

/** The series of the load's objects in an exposition. */
export function loadSeries(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line.includes(marker) && !line.startsWith("#"))
    .map((line) => line.slice(0, line.lastIndexOf(" ")));
}
