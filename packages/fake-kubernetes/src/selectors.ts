import { at } from "./kubernetes-object.ts";
import type { ObjectVersion } from "./object-version.ts";
import { badRequest } from "./status.ts";

export type Selector = (object: ObjectVersion) => boolean;

/** `a=b,c!=d,e in (f,g),!h`; throws a 400 ApiFailure for text that is not of that form. */
export function parseLabelSelector(text: string): Selector {
  const requirements = splitOutsideParentheses(text).map(labelRequirement);
  return (object) => requirements.every((holds) => holds(object.labels ?? {}));
}

function splitOutsideParentheses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function labelRequirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    return (labels) => {
      const value = labels[key];
      const contained = value !== undefined && values.has(value);
      return operator === "in" ? contained : !contained;
    };
  }
  const equality = /^([^\s=!(),]+)\s*(==|=|!=)\s*([^\s=!(),]*)$/.exec(text);
  if (equality !== null) {
    const [, key = "", operator, value = ""] = equality;
    return operator === "!="
      ? (labels) => labels[key] !== value
      : (labels) => labels[key] === value;
  }
  const existence = /^(!?)\s*([^\s=!(),]+)$/.exec(text);
  if (existence === null)
    throw badRequest(`unable to parse requirement: '${text}' is no label requirement`);
  const [, negated, key = ""] = existence;
  return negated === "!" ? (labels) => !(key in labels) : (labels) => key in labels;
}

const everywhere = ["metadata.name", "metadata.namespace"];
const more: Readonly<Record<string, readonly string[]>> = {
  pods: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  nodes: ["spec.unschedulable"],
  namespaces: ["status.phase"],
  secrets: ["type"],
  jobs: ["status.successful"],
  replicasets: ["status.replicas"],
  replicationcontrollers: ["status.replicas"],
  certificatesigningrequests: ["spec.signerName"],
};

/** `metadata.name=a,metadata.namespace!=b` with `\` before `,`, `=` and `\` in values; throws a 400 for fields the resource does not offer. */
export function parseFieldSelector(text: string, resource: string): Selector {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  const requirements = terms.map((term) => fieldRequirement(term, resource));
  return (object) => requirements.every((holds) => holds(object));
}

function fieldRequirement(term: string, resource: string): Selector {
  const parts = /^([^=!\\]+)(==|=|!=)((?:\\.|[^=\\])*)$/.exec(term);
  if (parts === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = "", operator, escaped = ""] = parts;
  if (!everywhere.includes(field) && !(more[resource] ?? []).includes(field)) {
    throw badRequest(
      more[resource] === undefined
        ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
    );
  }
  const value = escaped.replaceAll(/\\(.)/g, "$1");
  const wanted = operator !== "!=";
  return (object) => (fieldOf(object, field) === value) === wanted;
}

function fieldOf(object: ObjectVersion, field: string): string {
  switch (field) {
    case "metadata.name":
      return object.name;
    case "metadata.namespace":
      return object.namespace;
    case "spec.nodeName":
      return object.nodeName;
    case "status.phase":
      return object.phase;
    default: {
      const value = at(object.object(), ...field.split("."));
      if (value === undefined || value === null)
        return field.endsWith("hostNetwork") || field.endsWith("unschedulable") ? "false" : "";
      return typeof value === "string" ? value : JSON.stringify(value);
    }
  }
}
