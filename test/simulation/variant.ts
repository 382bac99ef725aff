/** The protocol as it is, or broken on purpose, to see that the checks would notice. */
export type Variant =
  | "protocol"
  | "commit-on-time-out"
  | "readiness-after-commit"
  | "stale-lists"
  | "recomputed-layout"
  | "switch-at-commit"
  | "leave-at-once"
  | "namesakes-forgotten"
  | "three-planners"
  | "served-when-decided";
