import { escapeHelp } from "./escape.ts";

/** The two exposition formats; their bodies differ in type words and in the end marker only. */
export type ExpositionFormat = "text" | "openmetrics";

export type MetricType = "gauge" | "counter" | "info" | "stateset";

export interface HeaderFields {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  /** `STABLE` is marked in the HELP text, every other level is not. */
  readonly stability?: string | undefined;
  /** The version a family is deprecated since, for example `v2.14.0`. */
  readonly deprecatedSince?: string | undefined;
}

/** The last line of an OpenMetrics exposition; the text format has no end marker. */
export const endOfOpenMetrics = "# EOF\n";

/** The HELP and TYPE lines of a family, each ending in a line feed. An empty help text leaves a trailing blank, as in the reference. */
export function familyHeader(family: HeaderFields, format: ExpositionFormat): string {
  const stable = family.stability === "STABLE" ? "[STABLE] " : "";
  const deprecated = family.deprecatedSince ? `(Deprecated since ${family.deprecatedSince}) ` : "";
  const help = escapeHelp(stable + deprecated + family.help);
  return `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${typeWord(family.type, format)}\n`;
}

/** The text format knows neither `info` nor `stateset`: there they are gauges. */
function typeWord(type: MetricType, format: ExpositionFormat): string {
  switch (type) {
    case "info":
    case "stateset":
      return format === "openmetrics" ? type : "gauge";
    case "gauge":
    case "counter":
      return type;
  }
}
