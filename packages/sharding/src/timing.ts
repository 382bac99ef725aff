/** Milliseconds; defaults of the protocol. */
export const timing = {
  debounce: 2_000,
  /** Between planners: the one of rank i acts i × this later. */
  turn: 2_000,
  /** From the last member that became ready to a commit without all slots. */
  patience: 30_000,
  /** From commit to activation. */
  lead: 5_000,
  /** From activation until lost rows are freed and the view before is gone. */
  grace: 30_000,
  /** What the clocks of two machines may differ before a scrape asks for a view that is gone. */
  skew: 5_000,
} as const;
