import { ExporterError } from "@kube-state-mosaic/errors";
import { compareBytes } from "./byte-order.ts";
import type { ExpositionFormat } from "./family-header.ts";
import { parseSample, unescapeHelp, type ParsedSample } from "./parse-sample.ts";

export interface ParsedFamily {
  readonly name: string;
  /** Unescaped; undefined without a HELP line. */
  readonly help: string | undefined;
  /** The word of the TYPE line; `untyped` (OpenMetrics: `unknown`) without one. */
  readonly type: string;
  readonly samples: readonly ParsedSample[];
}

/**
 * Reads an exposition as strictly as Prometheus does and more: the last line must end, headers and series must be unique,
 * TYPE comes before the samples, only known escapes and types, OpenMetrics ends in `# EOF`. Families come in order of
 * appearance; samples without header make a family of their own. Throws `EXPOSITION_INVALID` with `line` and `reason`.
 */
export function parseExposition(text: string, format: ExpositionFormat): ParsedFamily[] {
  const families: Families = new Map();
  const series = new Set<string>();
  let ended = false;
  let number = 0;
  for (let start = 0; start < text.length;) {
    number++;
    const end = text.indexOf("\n", start);
    try {
      if (end < 0) throw new Error("the last line does not end in a line feed");
      if (ended) throw new Error("text after # EOF");
      const line = text.slice(start, end);
      start = end + 1;
      if (format === "openmetrics" && line === "# EOF") ended = true;
      else if (line.startsWith("#")) readComment(line, families, format);
      else if (line.trim() !== "") readSample(line, families, series);
      else if (format === "openmetrics") throw new Error("blank line");
    } catch (cause) {
      throw invalid(number, cause instanceof Error ? cause.message : String(cause));
    }
  }
  if (format === "openmetrics" && !ended) throw invalid(number + 1, "# EOF is missing");
  return [...families.values()].map((family) => ({
    ...family,
    type: family.type ?? (format === "text" ? "untyped" : "unknown"),
  }));
}

interface FamilyInProgress {
  readonly name: string;
  help: string | undefined;
  type: string | undefined;
  readonly samples: ParsedSample[];
}

type Families = Map<string, FamilyInProgress>;

const shared = ["counter", "gauge", "histogram", "summary"];
const typeWords: Record<ExpositionFormat, ReadonlySet<string>> = {
  text: new Set([...shared, "untyped"]),
  openmetrics: new Set([...shared, "gaugehistogram", "info", "stateset", "unknown"]),
};

function readComment(line: string, families: Families, format: ExpositionFormat): void {
  const parts = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line);
  const [, word, name, rest] = parts ?? [];
  if (name === undefined || rest === undefined) {
    if (format === "openmetrics" || /^#[ \t]+(HELP|TYPE)[ \t]/.test(line))
      throw new Error(`unreadable comment ${JSON.stringify(line)}`);
    return;
  }
  const family = familyOf(families, name);
  if (word === "HELP") {
    if (family.help !== undefined) throw new Error(`second HELP line of ${name}`);
    family.help = unescapeHelp(rest);
  } else if (word === "TYPE") {
    if (family.type !== undefined) throw new Error(`second TYPE line of ${name}`);
    if (family.samples.length > 0) throw new Error(`TYPE line of ${name} after its samples`);
    if (!typeWords[format].has(rest)) throw new Error(`unknown type ${JSON.stringify(rest)}`);
    family.type = rest;
  }
}

function readSample(line: string, families: Families, series: Set<string>): void {
  const sample = parseSample(line);
  const key = seriesKey(sample);
  if (series.has(key)) throw new Error(`series ${key} appears twice`);
  series.add(key);
  familyOf(families, familyNameOf(sample.name, families)).samples.push(sample);
}

/** Parts of a histogram or summary belong to the family without their suffix, if that is declared. */
function familyNameOf(name: string, families: Families): string {
  if (families.has(name)) return name;
  const base = /^(.+)_(?:bucket|sum|count|created|total|info)$/.exec(name)?.[1];
  const type = base === undefined ? undefined : families.get(base)?.type;
  const compound = type !== undefined && type !== "gauge" && type !== "untyped";
  return base !== undefined && compound ? base : name;
}

function familyOf(families: Families, name: string): FamilyInProgress {
  let family = families.get(name);
  if (family === undefined)
    families.set(name, (family = { name, help: undefined, type: undefined, samples: [] }));
  return family;
}

function seriesKey({ name, labels }: ParsedSample): string {
  const sorted = labels.toSorted((left, right) => compareBytes(left[0], right[0]));
  return `${name}{${sorted.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(",")}}`;
}

function invalid(line: number, reason: string): ExporterError {
  const message = `the exposition is invalid in line ${line}: ${reason}; nothing of it is used`;
  return new ExporterError("EXPOSITION_INVALID", message, { context: { line, reason } });
}
