/** Flags of render alone. */
export const renderFlags = {
  filename: {
    name: "filename",
    shorthand: "f",
    type: "paths",
    configKey: false,
    own: true,
    help: "File or directory with objects in YAML or JSON, or - for standard input; may be repeated.",
  },
  keepGoing: {
    name: "keep-going",
    type: "bool",
    configKey: false,
    own: true,
    help: "Report objects that cannot be read and go on with the others.",
  },
} as const;
