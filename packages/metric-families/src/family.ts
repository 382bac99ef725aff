import { escapeLabelValue, formatValue } from "@kube-state-mosaic/exposition";

/** How far a family's name and labels can be relied upon; shown in HELP and in the documentation. */
export type Stability = "STABLE" | "BETA" | "ALPHA";

/** The declared type. Built-in families are gauges and counters only; the other two come from custom resources. */
export type FamilyType = "gauge" | "counter" | "info" | "stateset";

/** A metric family of objects of type `T`: plain data and one function. */
export interface Family<T> {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  readonly stability: Stability;
  /** Left out unless the opt-in list names it. */
  readonly optIn: boolean;
  readonly deprecatedSince?: string;
  /** Names of the fixed labels, in order, without those of the identity. */
  readonly labelNames: readonly string[];
  /**
   * The family's samples of one object: whole lines, each ending in a line feed; `""` for no sample.
   * `identity` is what `identityText` of the object's resource gives, rendered once for all families of the object.
   */
  readonly render: (object: T, identity: string) => string;
}

/** A label's text for one row; `undefined` is the empty text. The second argument is the object the row belongs to. */
export type Label<T, Row> = (row: Row, object: T) => string | undefined;

/** A sample's value; `true` is 1, `false` is 0, `undefined` means no sample. */
export type Value<T, Row> = (row: Row, object: T) => number | boolean | undefined;

/** One sample for each of `values`, 1 for the one equal to `current`, else 0; no sample when `current` gives `undefined`. */
export interface OneOf<T, Row> {
  readonly label: string;
  readonly values: readonly string[];
  readonly current: (row: Row, object: T) => string | undefined;
}

/** What the samples of a family are, apart from its name and help. `Row` is what one sample is of: the object unless `rows` is given. */
export interface Samples<T, Row> {
  /** `ALPHA` when absent. */
  readonly stability?: Stability;
  readonly optIn?: boolean;
  /** First release of the reference in which the family was deprecated, such as `v2.14.0`. */
  readonly deprecatedSince?: string;
  /** Write it before `labels` and `value`: their parameter type comes from it. */
  readonly rows?: (object: T) => readonly Row[];
  readonly labels?: Readonly<Record<string, Label<T, Row>>>;
  /** Labels whose names depend on the object, after the fixed ones; names are written as they are. */
  readonly dynamicLabels?: (row: Row, object: T) => readonly (readonly [string, string])[];
  /** Comes last, and excludes `value`. */
  readonly oneOf?: OneOf<T, Row>;
  /** Always 1 when absent. */
  readonly value?: Value<T, Row>;
}

/** Without `rows` a sample is of the object itself: labels or a value of anything else do not compile. */
type NeedsRows<T, Row> = [T] extends [Row] ? unknown : { readonly rows: unknown };

/** The functions that declare the families of one resource. */
export interface Families<T, Prefix extends string> {
  readonly gauge: Declare<T, `${Prefix}${string}`>;
  readonly counter: Declare<T, `${Prefix}${string}`>;
  /** Samples of value 1 whose labels are facts. Declared a gauge, as the field does. */
  readonly info: <Row = T>(
    name: `${Prefix}${string}_info`,
    help: string,
    facts: Facts<T, Row> & NeedsRows<T, Row>,
  ) => Family<T>;
}

type Declare<T, Name> = <Row = T>(
  name: Name,
  help: string,
  samples: Samples<T, Row> & NeedsRows<T, Row>,
) => Family<T>;

/** What an info family may be made of. */
type Facts<T, Row> = Omit<Samples<T, Row>, "value" | "oneOf">;

/** Declares families of `T`; names must begin with `kube_` unless another prefix (`""` for any name) is given. */
export function familiesOf<T, Prefix extends string = "kube_">(): Families<T, Prefix> {
  return {
    gauge: (name, help, samples) => family(name, help, { type: "gauge", samples }),
    counter: (name, help, samples) => family(name, help, { type: "counter", samples }),
    info: (name, help, facts) => family(name, help, { type: "gauge", samples: facts }),
  };
}

/** One series per known value, after the other labels; see `OneOf`. To be spread into a family's options. */
export function oneOf<T, Row = T>(
  label: string,
  values: readonly string[],
  current: (row: Row, object: T) => string | undefined,
): { oneOf: OneOf<T, Row> } {
  return { oneOf: { label, values, current } };
}

/** The text that begins each sample's labels: `{namespace="a",pod="b"` without the closing brace; `""` without identity labels. */
export function identityText<T>(
  identity: Readonly<Record<string, (object: T) => string>>,
): (object: T) => string {
  const labels = labelsText<T, T>(identity, "{");
  return Object.keys(identity).length === 0 ? () => "" : (object) => labels(object, object) + '"';
}

/** A family of any declared type and name, as configuration may ask for it. Tables use `familiesOf`, which checks more. */
export function family<T, Row = T>(
  name: string,
  help: string,
  { type, samples }: { type: FamilyType; samples: Samples<T, Row> },
): Family<T> {
  const render = compile(name, samples, ",");
  let renderWithoutIdentity: ((object: T, identity: string) => string) | undefined;
  return {
    name,
    help,
    type,
    stability: samples.stability ?? "ALPHA",
    optIn: samples.optIn ?? false,
    ...(samples.deprecatedSince === undefined ? {} : { deprecatedSince: samples.deprecatedSince }),
    labelNames: [
      ...Object.keys(samples.labels ?? {}),
      ...(samples.oneOf === undefined ? [] : [samples.oneOf.label]),
    ],
    render(object, identity) {
      if (identity !== "") return render(object, identity);
      renderWithoutIdentity ??= compile(name, samples, "{");
      return renderWithoutIdentity(object, "");
    },
  };
}

/**
 * A function that concatenates constant heads, made here once, and the object's own texts. `opening` is what stands
 * before the first of the family's labels: a comma after an identity, a brace without one.
 */
function compile<T, Row>(
  name: string,
  samples: Samples<T, Row>,
  opening: "," | "{",
): (object: T, identity: string) => string {
  const line = lineText(samples, opening);
  const { rows } = samples;
  if (rows === undefined) {
    // Without `rows` the row is the object: `Row` then is `T`, which the type system cannot see here.
    return (object, identity) => line(name + identity, object as unknown as Row, object);
  }
  return (object, identity) => {
    const list = rows(object);
    if (list.length === 0) return "";
    const start = name + identity;
    let text = "";
    for (const row of list) text += line(start, row, object);
    return text;
  };
}

type Line<T, Row> = (start: string, row: Row, object: T) => string;

/** The line or lines of one row, `start` being the name and the identity. */
function lineText<T, Row>(samples: Samples<T, Row>, opening: "," | "{"): Line<T, Row> {
  const { labels = {}, dynamicLabels, value } = samples;
  if (dynamicLabels !== undefined) return dynamicLine(samples, dynamicLabels, opening);
  if (samples.oneOf !== undefined) return oneOfLines(labels, samples.oneOf, opening);
  const count = Object.keys(labels).length;
  if (count === 0) return plainLine(opening === "," ? "} " : " ", value);
  const text = labelsText(labels, opening);
  if (value === undefined) return (start, row, object) => start + text(row, object) + '"} 1\n';
  return (start, row, object) => {
    const number = valueText(value(row, object));
    return number === "" ? "" : start + text(row, object) + '"} ' + number;
  };
}

function plainLine<T, Row>(closing: string, value: Value<T, Row> | undefined): Line<T, Row> {
  if (value === undefined) return (start) => start + closing + "1\n";
  return (start, row, object) => {
    const number = valueText(value(row, object));
    return number === "" ? "" : start + closing + number;
  };
}

function oneOfLines<T, Row>(
  labels: Readonly<Record<string, Label<T, Row>>>,
  states: OneOf<T, Row>,
  opening: "," | "{",
): Line<T, Row> {
  const { label, values, current } = states;
  const text = labelsText(labels, opening);
  const head = Object.keys(labels).length === 0 ? `${opening}${label}="` : `",${label}="`;
  const tails = values.map((value) => `${head}${escapeLabelValue(value)}"} `);
  return (start, row, object) => {
    const state = current(row, object);
    if (state === undefined) return "";
    const shared = start + text(row, object);
    let lines = "";
    for (let i = 0; i < values.length; i++)
      lines += shared + tails[i] + (values[i] === state ? "1\n" : "0\n");
    return lines;
  };
}

function dynamicLine<T, Row>(
  { labels = {}, value, oneOf: states }: Samples<T, Row>,
  dynamicLabels: NonNullable<Samples<T, Row>["dynamicLabels"]>,
  opening: "," | "{",
): Line<T, Row> {
  const fixed = labelsText(labels, opening);
  const closeFixed = Object.keys(labels).length === 0 ? "" : '"';
  const text = (row: Row, object: T): string => {
    let pairs = fixed(row, object) + closeFixed;
    for (const [name, labelValue] of dynamicLabels(row, object))
      pairs += (pairs === "" ? opening : ",") + name + '="' + escapeLabelValue(labelValue) + '"';
    return pairs;
  };
  if (states !== undefined) return dynamicOneOfLines(text, states, opening);
  const closeEmpty = opening === "," ? "} " : " ";
  return (start, row, object) => {
    const number = value === undefined ? "1\n" : valueText(value(row, object));
    if (number === "") return "";
    const pairs = text(row, object);
    return start + pairs + (pairs === "" ? closeEmpty : "} ") + number;
  };
}

function dynamicOneOfLines<T, Row>(
  text: (row: Row, object: T) => string,
  { label, values, current }: OneOf<T, Row>,
  opening: "," | "{",
): Line<T, Row> {
  const tails = values.map((value) => `${label}="${escapeLabelValue(value)}"} `);
  return (start, row, object) => {
    const state = current(row, object);
    if (state === undefined) return "";
    const pairs = text(row, object);
    const shared = start + pairs + (pairs === "" ? opening : ",");
    return tails.map((tail, i) => shared + tail + (values[i] === state ? "1\n" : "0\n")).join("");
  };
}

/** `,a="x",b="y` without the last quote; `""` for no labels. One and two labels, the most common by far, go without a loop. */
function labelsText<T, Row>(
  labels: Readonly<Record<string, Label<T, Row>>>,
  opening: "," | "{",
): (row: Row, object: T) => string {
  const parts = Object.entries(labels).map(([name, label], index) => ({
    head: index === 0 ? `${opening}${name}="` : `",${name}="`,
    label,
  }));
  const [first, second] = parts;
  if (first === undefined) return () => "";
  if (second === undefined) return (row, object) => first.head + escaped(first.label(row, object));
  if (parts.length === 2)
    return (row, object) =>
      first.head +
      escaped(first.label(row, object)) +
      second.head +
      escaped(second.label(row, object));
  return (row, object) => {
    let text = "";
    for (const { head, label } of parts) text += head + escaped(label(row, object));
    return text;
  };
}

function escaped(value: string | undefined): string {
  return value === undefined || value === "" ? "" : escapeLabelValue(value);
}

/** The value and the line feed; `""` for no sample. */
function valueText(value: number | boolean | undefined): string {
  if (value === undefined) return "";
  if (value === 1 || value === true) return "1\n";
  if (value === 0 || value === false) return "0\n";
  return formatValue(value) + "\n";
}
