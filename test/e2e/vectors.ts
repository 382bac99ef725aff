import { readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import type { KubernetesObject } from "../bench/cluster/etcd-key.ts";

interface File {
  readonly cases: readonly { readonly name: string; readonly object: KubernetesObject }[];
}

const folder = new URL("../conformance/vectors/", import.meta.url);
// JSON that no API server writes, and quantities that the reference overflows on.
const unstorable = /raw|overflow|time-offset-fraction|created-zero/;

/** The plurals of all resources that have vectors. */
export function vectorResources(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"));
}

/** The objects of all vectors that an API server can hold, each under a name and a UID of its own. */
export function* vectorObjects(): Generator<KubernetesObject> {
  for (const resource of vectorResources()) {
    const { cases } = JSON.parse(readFileSync(new URL(`${resource}.json`, folder), "utf8")) as File;
    for (const { name, object } of cases) {
      const { resourceVersion: _server, ...metadata } = object.metadata ?? {};
      if (!unstorable.test(name))
        yield { ...object, metadata: { ...metadata, name: `of-${name}`, uid: `uid-of-${name}` } };
    }
  }
}
