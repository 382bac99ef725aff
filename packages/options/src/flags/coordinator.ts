/** Flags of the coordinator alone. */
export const coordinatorFlags = {
  workers: {
    name: "workers",
    type: "urls",
    own: true,
    help: "URLs of the workers, in shard order; empty means to find them through the registry.",
  },
  onMissingShard: {
    name: "on-missing-shard",
    type: "choice",
    values: ["auto", "fail", "stale", "omit"],
    default: "auto",
    own: true,
    help: "What a scrape does when a shard does not answer: fail, serve its last blocks, or leave it out; auto is fail with --workers and stale otherwise.",
  },
} as const;
