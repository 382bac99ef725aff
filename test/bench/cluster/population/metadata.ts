import type { KubernetesObject } from "../etcd-key.ts";
import type { Random } from "./random.ts";

export interface Owner extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const firstMoment = Date.UTC(2026, 0, 1);
const spanSeconds = 90 * 86_400;

/** A moment of the first quarter of 2026, as the API writes it. */
export function moment(random: Random): string {
  return time(firstMoment + random.below(spanSeconds) * 1_000);
}

/** A moment so many seconds after another one. */
export function after(start: string, seconds: number): string {
  return time(Date.parse(start) + seconds * 1_000);
}

export function metadata(
  random: Random,
  fields: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    owner?: Owner;
  },
): Metadata {
  const { name, namespace, labels = {}, annotations, owner } = fields;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: random.uuid(),
    generation: 1,
    creationTimestamp: moment(random),
    labels,
    ...(annotations === undefined ? {} : { annotations }),
    ...(owner === undefined
      ? {}
      : {
          ownerReferences: [
            {
              apiVersion: owner.apiVersion,
              kind: owner.kind,
              name: owner.metadata.name,
              uid: owner.metadata.uid,
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        }),
  };
}

function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
