import type { ExpositionFormat } from "./family-header.ts";

/** The format a scrape is answered in and the Content-Type that says so. */
export interface Negotiated {
  readonly format: ExpositionFormat;
  readonly contentType: string;
}

/** Content-Type of the Prometheus text format. */
export const textContentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Chooses the format from an `Accept` header as the reference does: clauses by weight, the first that matches decides;
 * protobuf, no match and no header give the text format. With `strictly`, protobuf does not match, as it is not on offer, and
 * neither does a clause of weight 0. Never fails.
 */
export function negotiate(
  accept: string | null | undefined,
  strictly: boolean = false,
): Negotiated {
  let escaping = "underscores";
  for (const clause of clausesOf(accept)) {
    if (strictly && (clause.weight === 0 || isProtobuf(clause))) continue;
    escaping = escapingOf(clause) ?? escaping;
    if (isProtobuf(clause) || isText(clause)) break;
    const version = openMetricsVersion(clause);
    if (version !== undefined)
      return {
        format: "openmetrics",
        contentType: `application/openmetrics-text; version=${version}; charset=utf-8; escaping=${escaping}`,
      };
  }
  return { format: "text", contentType: textContentType };
}

/** Content-Type where only text is on offer (the exporter's own metrics): always with the escaping scheme, as client libraries send it. */
export function negotiateTextOnly(accept: string | null | undefined): string {
  let escaping = "underscores";
  for (const clause of clausesOf(accept)) {
    escaping = escapingOf(clause) ?? escaping;
    if (isText(clause)) break;
  }
  return `${textContentType}; escaping=${escaping}`;
}

/**
 * Whether a scrape may be answered in gzip. Weights are not looked at, as in the reference: `gzip;q=0` accepts, `*` does not.
 */
export function acceptsGzip(acceptEncoding: string | null | undefined): boolean {
  if (!acceptEncoding) return false;
  return acceptEncoding.split(",").some((item) => /^gzip(;|$)/.test(item.trim()));
}

/** Whether gzip outweighs identity by RFC 9110 weights; a tie goes to identity, which is worth 0 unless named or covered by `*`. */
export function prefersGzip(acceptEncoding: string | null | undefined): boolean {
  const weights = new Map<string, number>();
  for (const item of acceptEncoding?.split(",") ?? []) {
    const [coding = "", ...parameters] = item.split(";").map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(coding.toLowerCase(), q === undefined ? 1 : weightOf(q.slice(2)));
  }
  const wildcard = weights.get("*") ?? 0;
  const gzip = weights.get("gzip") ?? wildcard;
  return gzip > 0 && gzip > (weights.get("identity") ?? wildcard);
}

interface Clause {
  readonly mediaType: string;
  readonly weight: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The readable clauses, highest weight first; equal weights keep the order of the header. */
function clausesOf(accept: string | null | undefined): Clause[] {
  const clauses: Clause[] = [];
  for (const text of accept?.split(",") ?? []) {
    const clause = parseClause(text);
    if (clause !== undefined) clauses.push(clause);
  }
  return clauses.sort((left, right) => right.weight - left.weight);
}

function parseClause(text: string): Clause | undefined {
  const [range = "", ...rest] = text.split(";").map((part) => part.trim());
  const types = range.split("/").map((part) => part.trim());
  if (types.length !== 2 && range !== "*") return undefined;
  let weight = 1;
  const parameters = new Map<string, string>();
  for (const parameter of rest) {
    const [name = "", value, ...surplus] = parameter.split("=").map((part) => part.trim());
    if (value === undefined || surplus.length > 0) continue;
    if (name === "q") weight = weightOf(value);
    else parameters.set(name, value);
  }
  return { mediaType: types.join("/"), weight, parameters };
}

function weightOf(text: string): number {
  const weight = text === "" ? 0 : Number(text);
  return Number.isNaN(weight) ? 0 : weight;
}

const schemes: ReadonlySet<string> = new Set(["allow-utf-8", "underscores", "dots", "values"]);

function escapingOf({ parameters }: Clause): string | undefined {
  const scheme = parameters.get("escaping");
  return scheme !== undefined && schemes.has(scheme) ? scheme : undefined;
}

const protobufEncodings: ReadonlySet<string> = new Set(["delimited", "text", "compact-text"]);

function isProtobuf({ mediaType, parameters }: Clause): boolean {
  return (
    mediaType === "application/vnd.google.protobuf" &&
    parameters.get("proto") === "io.prometheus.client.MetricFamily" &&
    protobufEncodings.has(parameters.get("encoding") ?? "")
  );
}

function isText({ mediaType, parameters }: Clause): boolean {
  return mediaType === "text/plain" && (parameters.get("version") ?? "0.0.4") === "0.0.4";
}

function openMetricsVersion({ mediaType, parameters }: Clause): "1.0.0" | "0.0.1" | undefined {
  if (mediaType !== "application/openmetrics-text") return undefined;
  const version = parameters.get("version") ?? "0.0.1";
  return version === "1.0.0" || version === "0.0.1" ? version : undefined;
}
