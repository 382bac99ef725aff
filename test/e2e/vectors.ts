import { readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import type { KubernetesObject } from "../bench/cluster/etcd-key.ts";

/** One object and the samples wanted for it. */
export interface Vector {
  readonly resource: string;
  readonly name: string;
  readonly object: KubernetesObject;
  readonly want: readonly string[];
}

interface File {
  readonly cases: readonly {
    readonly name: string;
    readonly options?: object;
    readonly object: KubernetesObject;
    readonly want: readonly string[];
  }[];
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

/** The vectors that need no configuration and that an API server can hold; every object has a UID. */
export function* storableVectors(): Generator<Vector> {
  for (const resource of vectorResources()) {
    const { cases } = JSON.parse(readFileSync(new URL(`${resource}.json`, folder), "utf8")) as File;
    for (const { name, options, object, want } of cases)
      if (options === undefined && object.metadata?.name && !unstorable.test(name))
        yield withUid({ resource, name, object, want });
  }
}

/** Vectors that can be in a cluster at the same time: no object's key and no UID of a resource twice in one round. */
export function rounds(vectors: Iterable<Vector>): readonly (readonly Vector[])[] {
  const all: { vectors: Vector[]; taken: Set<string> }[] = [];
  for (const vector of vectors) {
    const { metadata = {} } = vector.object;
    const marks = [
      `${vector.resource} ${metadata.namespace}/${metadata.name}`,
      `${vector.resource} ${String(metadata["uid"])}`,
    ];
    let round = all.find(({ taken }) => !marks.some((mark) => taken.has(mark)));
    if (round === undefined) all.push((round = { vectors: [], taken: new Set() }));
    round.vectors.push(vector);
    for (const mark of marks) round.taken.add(mark);
  }
  return all.map((round) => round.vectors);
}

function withUid(vector: Vector): Vector {
  const { object, want, name } = vector;
  if (object.metadata?.["uid"]) return vector;
  const uid = `uid-of-${name}`;
  return {
    ...vector,
    object: { ...object, metadata: { ...object.metadata, uid } },
    // Only pods show it.
    want: want.map((line) => line.replace(/([{,])uid=""/, `$1uid="${uid}"`)),
  };
}
