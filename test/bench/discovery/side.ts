/** One way of doing it, loaded and running. */
export interface Side {
  /** Target groups made so far. */
  readonly groups: number;
  /** Settles when the next change has been turned into groups. */
  nextChange(): Promise<void>;
  /** The whole list of pods' targets, as http_sd gives it out. */
  publish(): string;
}
