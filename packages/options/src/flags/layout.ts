/** Flags of layout alone. */
export const layoutFlags = {
  layoutOutput: {
    name: "output",
    shorthand: "o",
    type: "choice",
    values: ["table", "json"],
    default: "table",
    configKey: false,
    own: true,
    help: "What show prints.",
  },
} as const;
