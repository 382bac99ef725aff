import { at, type KubernetesObject } from "./kubernetes-object.ts";
import type { ObjectVersion } from "./object-version.ts";

interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

const name = column("Name", "name");
const age = column("Age");
const columns: Readonly<Record<string, readonly Column[]>> = {
  secrets: [name, column("Type"), column("Data"), age],
  configmaps: [name, column("Data"), age],
};

/** The columns of a resource: those of a real server for secrets and configmaps, name and age for the others. */
export function columnsOf(resource: string): readonly Column[] {
  return columns[resource] ?? [name, age];
}

/** One row: never a secret's value, only how many there are. */
export function rowOf(object: ObjectVersion): unknown {
  const content = object.object();
  return {
    cells: columnsOf(object.resource.name).map((one) => cell(one.name, content)),
    object: partialObjectMetadata(content),
  };
}

/** PartialObjectMetadata in JSON form. */
export function partialObjectMetadata(content: KubernetesObject): unknown {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: content.metadata,
  };
}

function cell(column: string, content: KubernetesObject): unknown {
  switch (column) {
    case "Name":
      return content.metadata?.name ?? "";
    case "Type":
      return at(content, "type") ?? "";
    case "Data":
      return Object.keys(at(content, "data") ?? {}).length;
    default:
      return (content.metadata?.creationTimestamp ?? "") === "" ? "<unknown>" : "5m";
  }
}

function column(title: string, format = ""): Column {
  return {
    name: title,
    type: "string",
    format,
    description: `${title} of the object.`,
    priority: 0,
  };
}
