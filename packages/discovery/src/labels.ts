import type { ObjectMeta } from "@kube-state-mosaic/wire";
import type { Labels } from "./target-group.ts";

/** How all labels of Kubernetes objects begin. */
export const prefix = "__meta_kubernetes_";
/** Label of the address to scrape. */
export const addressLabel = "__address__";
export const namespaceLabel: string = `${prefix}namespace`;

/** One `_` for every code point that may not stand in a label name; nothing is collapsed or lower-cased. */
function sanitize(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/gu, "_");
}

/** Names behind a prefix, each made once: a cluster has few keys and many objects. */
class NameTable {
  readonly #prefix: string;
  readonly #names = new Map<string, string>();

  constructor(family: string) {
    this.#prefix = prefix + family;
  }

  of(key: string): string {
    let name = this.#names.get(key);
    if (name === undefined) {
      // Keys that are made up for each object must not grow the table for ever.
      if (this.#names.size >= 10_000) this.#names.clear();
      name = this.#prefix + sanitize(key);
      this.#names.set(key, name);
    }
    return name;
  }
}

const tables = new Map<string, NameTable>();

/** `__meta_kubernetes_<family><sanitised key>`. */
export function metaName(family: string, key: string): string {
  let table = tables.get(family);
  if (table === undefined) tables.set(family, (table = new NameTable(family)));
  return table.of(key);
}

/** What an object's metadata says, name included. `kind` is the word in the labels: `pod`, `endpoints`. */
export function addObjectMeta(labels: Labels, kind: string, metadata: ObjectMeta): void {
  labels.set(metaName(`${kind}_`, "name"), metadata.name);
  addLabelsAndAnnotations(labels, kind, metadata);
}

/** The four families of labels and annotations, without the name. */
export function addLabelsAndAnnotations(labels: Labels, kind: string, metadata: ObjectMeta): void {
  for (const [key, value] of inOrder(metadata.labels)) {
    labels.set(metaName(`${kind}_label_`, key), value);
    labels.set(metaName(`${kind}_labelpresent_`, key), "true");
  }
  for (const [key, value] of inOrder(metadata.annotations)) {
    labels.set(metaName(`${kind}_annotation_`, key), value);
    labels.set(metaName(`${kind}_annotationpresent_`, key), "true");
  }
}

/** `host:port`, an IPv6 host in brackets. */
export function join(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Two keys may be one after sanitising: the last in order wins, always the same one. */
function inOrder(map: ReadonlyMap<string, string>): Iterable<readonly [string, string]> {
  return map.size < 2 ? map : [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
