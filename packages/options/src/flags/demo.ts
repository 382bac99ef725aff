/** Flags of the demo alone. */
export const demoFlags = {
  demoWorkers: {
    name: "workers",
    type: "int",
    default: "3",
    min: 1,
    max: 64,
    own: true,
    help: "Number of workers.",
  },
  demoPods: {
    name: "pods",
    type: "int",
    default: "500",
    min: 0,
    max: 1_000_000,
    own: true,
    help: "Number of pods of the made-up cluster.",
  },
} as const;
