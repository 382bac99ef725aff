import { hasProtobuf } from "./protobuf-schemas.ts";
import type { ApiResource } from "./resources.ts";
import { ApiFailure, failure } from "./status.ts";

export interface Format {
  readonly media: "json" | "protobuf";
  /** `metadata` is PartialObjectMetadata, `table` is Table (JSON only). */
  readonly form: "object" | "metadata" | "table";
}

const json = "application/json";
const protobuf = "application/vnd.kubernetes.protobuf";

/**
 * The first clause of Accept (by q, specific types before wildcards) that can be served; throws 406 when none can.
 * `shape` says what the answer is, since PartialObjectMetadata and its list are asked for by different names.
 */
export function negotiate(
  accept: string | undefined,
  resource: ApiResource,
  shape: "list" | "single" | "watch",
): Format {
  if (accept === undefined || accept.trim() === "") return { media: "json", form: "object" };
  for (const clause of clausesOf(accept)) {
    const media = mediaOf(clause.type, resource);
    if (media === undefined) continue;
    const as = clause.parameters.get("as");
    if (as === undefined) return { media, form: "object" };
    if (clause.parameters.get("g") !== "meta.k8s.io" || clause.parameters.get("v") !== "v1")
      continue;
    if (as === "Table" && media === "json") return { media, form: "table" };
    if (as === "PartialObjectMetadata" && shape === "list")
      throw notAcceptable(
        "you requested PartialObjectMetadata, but the requested object is a list",
      );
    if (as === "PartialObjectMetadataList" && shape !== "list")
      throw notAcceptable(
        "you requested PartialObjectMetadataList, but the requested object is not a list",
      );
    if (as.startsWith("PartialObjectMetadata")) return { media, form: "metadata" };
  }
  throw notAcceptable(
    `only the following media types are accepted: ${json}, application/yaml, ${protobuf}`,
  );
}

/** The Content-Type of an answer. */
export function contentTypeOf(media: Format["media"], shape: "list" | "single" | "watch"): string {
  if (media === "json") return json;
  return shape === "watch" ? `${protobuf};stream=watch` : protobuf;
}

/** Whether a Status should be written as protobuf to a client that accepts this. */
export function prefersProtobuf(accept: string | undefined): boolean {
  const first = clausesOf(accept ?? "").find(({ type }) => [json, protobuf, "*/*"].includes(type));
  return first?.type === protobuf && !first.parameters.has("as");
}

interface Clause {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function clausesOf(accept: string): Clause[] {
  return accept
    .split(",")
    .map((text) => {
      const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
      const pairs = parameters.map((parameter): [string, string] => {
        const [key = "", value = ""] = parameter.split("=");
        return [key, value];
      });
      return { type: type.toLowerCase(), parameters: new Map(pairs) };
    })
    .toSorted((a, b) => quality(b) - quality(a) || wildcards(a) - wildcards(b));
}

function quality({ parameters }: Clause): number {
  const q = Number(parameters.get("q") ?? 1);
  return Number.isNaN(q) ? 1 : q;
}

function wildcards({ type }: Clause): number {
  return type.split("*").length;
}

function mediaOf(type: string, resource: ApiResource): Format["media"] | undefined {
  if (type === protobuf) return hasProtobuf(resource) ? "protobuf" : undefined;
  return type === json || type === "*/*" || type === "application/*" ? "json" : undefined;
}

function notAcceptable(message: string): ApiFailure {
  return new ApiFailure(failure(406, "NotAcceptable", { message }));
}
