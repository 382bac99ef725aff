/** A family as the registry holds it: of histograms and summaries each value has a name of its own. */
export interface CollectedFamily {
  readonly name: string;
  readonly help: string;
  /** `gauge`, `counter`, … */
  readonly type: string;
  readonly values: readonly CollectedValue[];
}

interface CollectedValue {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly metricName?: string;
}

/**
 * The text of a family as Go's client writes it: labels sorted by name with `le` and `quantile` last, series sorted by
 * their values; what belongs to one histogram stays together in its order. Empty without any series.
 */
export function familyText({ name, help, type, values }: CollectedFamily): string {
  if (values.length === 0) return "";
  const series = values.map(({ value, labels, metricName = name }) => {
    const own = Object.entries(labels)
      .filter(([label]) => !within.has(label))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const last = Object.entries(labels).filter(([label]) => within.has(label));
    const text = [...own, ...last].map(([label, text]) => `${label}="${escape(String(text))}"`);
    const set = text.length > 0 ? `{${text.join(",")}}` : "";
    return {
      key: own.map(([, text]) => String(text)).join("\0"),
      line: `${metricName}${set} ${formatNumber(value)}\n`,
    };
  });
  // Sorting is stable: buckets, sum and count of one series have equal keys.
  series.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const header = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  return header + series.map(({ line }) => line).join("");
}

/** Labels that tell values of one histogram or summary apart. */
const within: ReadonlySet<string> = new Set(["le", "quantile"]);

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escape(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function formatNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
