import { fnv1a64, type Hash64 } from "./fnv1a64.ts";
import {
  orderedMetadata,
  sortKeys,
  textAt,
  type KubernetesObject,
  type ObjectMeta,
} from "./kubernetes-object.ts";
import { encodeObjectMeta } from "./protobuf-meta.ts";
import { delimited, splitFirstField } from "./protobuf-writer.ts";
import { encodeBody } from "./protobuf-schemas.ts";
import { apiVersionOf, type ApiResource } from "./resources.ts";

/** What identifies one version of an object and lets selectors decide without its content. */
export interface VersionFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** `spec.nodeName` and `status.phase`, the fields that selectors ask for often. */
  readonly nodeName: string;
  readonly phase: string;
}

/**
 * One immutable version of one object. Its content is either JSON text or a function that makes the object anew each time (always the same one),
 * so that a synthetic cluster costs no JSON in memory. Its protobuf form is made once, when first asked for, and then kept.
 */
export class ObjectVersion implements VersionFacts {
  readonly resource: ApiResource;
  /** Position in key order: `namespace/name`, or `name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly nodeName: string;
  readonly phase: string;
  readonly resourceVersion: number;
  readonly #source: string | (() => KubernetesObject);
  #protobuf: Buffer | undefined;
  #hash: Hash64 | undefined;
  #namespaceHash: Hash64 | undefined;

  constructor(
    resource: ApiResource,
    resourceVersion: number,
    content: {
      readonly facts: VersionFacts;
      readonly source: string | (() => KubernetesObject);
    },
  ) {
    this.resource = resource;
    this.resourceVersion = resourceVersion;
    this.namespace = content.facts.namespace;
    this.name = content.facts.name;
    this.key = keyOf(this.namespace, this.name);
    this.uid = content.facts.uid;
    this.labels = content.facts.labels;
    this.nodeName = content.facts.nodeName;
    this.phase = content.facts.phase;
    this.#source = content.source;
  }

  /** A copy without kind and apiVersion, for the caller to keep or change. */
  object(): KubernetesObject {
    const object = this.#content();
    const { metadata = {}, ...rest } = object;
    delete rest["kind"];
    delete rest["apiVersion"];
    const stamped: ObjectMeta = orderedMetadata({
      ...metadata,
      resourceVersion: String(this.resourceVersion),
    });
    return { metadata: stamped, ...rest };
  }

  /** The JSON text of an item in a list; custom resources carry kind and apiVersion and have their keys sorted. */
  itemText(): string {
    return this.resource.custom ? this.text() : JSON.stringify(this.object());
  }

  /** The JSON text of a single object, in a watch event too. */
  text(): string {
    const typed = {
      kind: this.resource.kind,
      apiVersion: apiVersionOf(this.resource),
      ...this.object(),
    };
    return JSON.stringify(this.resource.custom ? sortKeys(typed) : typed);
  }

  /** The bare protobuf message. */
  protobuf(): Buffer {
    return (this.#protobuf ??= this.#encode());
  }

  /** The protobuf message with nothing but its metadata: PartialObjectMetadata is the same on the wire. */
  protobufMetadata(): Buffer {
    return splitFirstField(this.protobuf()).first;
  }

  /** The hash that shard selectors compare. */
  hash(field: "uid" | "namespace"): Hash64 {
    return field === "uid"
      ? (this.#hash ??= fnv1a64(this.uid))
      : (this.#namespaceHash ??= fnv1a64(this.namespace));
  }

  /** The same content under another version: a deletion carries the last state with the version of the deletion. */
  withResourceVersion(resourceVersion: number): ObjectVersion {
    return new ObjectVersion(this.resource, resourceVersion, {
      facts: this,
      source: this.#source,
    });
  }

  #content(): KubernetesObject {
    // JSON text comes from JSON.stringify of an object.
    return typeof this.#source === "string"
      ? (JSON.parse(this.#source) as KubernetesObject)
      : this.#source();
  }

  #encode(): Buffer {
    const object = this.object();
    const metadata = delimited(1, encodeObjectMeta(object.metadata ?? {}));
    const body = encodeBody(this.resource, object);
    // A Buffer of its own: one of the shared pool would keep neighbours alive.
    const bytes = Buffer.allocUnsafeSlow(metadata.length + body.length);
    metadata.copy(bytes, 0);
    body.copy(bytes, metadata.length);
    return bytes;
  }
}

/** The facts of an object in JSON form. */
export function factsOf(object: KubernetesObject): VersionFacts {
  const metadata = object.metadata ?? {};
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    uid: metadata.uid ?? "",
    labels: metadata.labels,
    nodeName: textAt(object, "spec", "nodeName"),
    phase: textAt(object, "status", "phase"),
  };
}

export function keyOf(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
