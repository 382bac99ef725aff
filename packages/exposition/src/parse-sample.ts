export interface ParsedSample {
  readonly name: string;
  /** Label names and unescaped values, in the order written. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

const metricName = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const labelHead = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"/y;
const labelText = /[^"\\]*/y;
const labelTail = /[ \t]*(,[ \t]*\}|,|\})/y;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** One sample line without its line feed. Throws a plain Error that says what is wrong; the caller knows the line number. */
export function parseSample(line: string): ParsedSample {
  const cursor = { line, at: 0 };
  const [name] = take(cursor, metricName) ?? [];
  if (name === undefined) throw new Error(`no metric name in ${JSON.stringify(line)}`);
  const labels = line[cursor.at] === "{" ? readLabels(cursor) : [];
  const rest = line.slice(cursor.at);
  const [value, timestamp, ...surplus] = rest.trim().split(/[ \t]+/);
  if (value === undefined || value === "") throw new Error(`${name} has no value`);
  if (!/^[ \t]/.test(rest)) throw new Error(`no blank before the value of ${name}`);
  if (surplus.length > 0 || (timestamp !== undefined && !decimal.test(timestamp)))
    throw new Error(`unexpected text after the value of ${name}`);
  return { name, labels, value: parseValue(value) };
}

interface Cursor {
  readonly line: string;
  at: number;
}

function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.line);
  if (match === null) return undefined;
  cursor.at = pattern.lastIndex;
  return match;
}

function readLabels(cursor: Cursor): [string, string][] {
  const labels: [string, string][] = [];
  const seen = new Set<string>();
  cursor.at++;
  if (/^[ \t]*\}/.test(cursor.line.slice(cursor.at))) {
    cursor.at = cursor.line.indexOf("}", cursor.at) + 1;
    return labels;
  }
  for (;;) {
    const name = take(cursor, labelHead)?.[1];
    if (name === undefined) throw new Error(`bad label at column ${cursor.at + 1}`);
    if (seen.has(name)) throw new Error(`label ${name} appears twice`);
    seen.add(name);
    labels.push([name, readQuoted(cursor)]);
    const tail = take(cursor, labelTail)?.[1];
    if (tail === undefined) throw new Error(`neither comma nor brace after label ${name}`);
    if (tail !== ",") return labels;
  }
}

function readQuoted(cursor: Cursor): string {
  let value = take(cursor, labelText)?.[0] ?? "";
  for (;;) {
    const character = cursor.line[cursor.at++];
    if (character === '"') return value;
    if (character === undefined) throw new Error("a label value has no closing quote");
    value += unescape(cursor.line[cursor.at++]) + (take(cursor, labelText)?.[0] ?? "");
  }
}

/** The text of a HELP line; throws on an unknown escape. A quote may be escaped, as OpenMetrics does. */
export function unescapeHelp(text: string): string {
  return text.replace(/\\(.?)/gs, (_, escaped: string) => unescape(escaped));
}

function unescape(escaped: string | undefined): string {
  if (escaped === "n") return "\n";
  if (escaped === "\\" || escaped === '"') return escaped;
  throw new Error(`unknown escape ${JSON.stringify(`\\${escaped ?? ""}`)}`);
}

function parseValue(text: string): number {
  if (decimal.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^\+?inf(inity)?$/i.test(text)) return Infinity;
  if (/^-inf(inity)?$/i.test(text)) return -Infinity;
  throw new Error(`${JSON.stringify(text)} is not a number`);
}
