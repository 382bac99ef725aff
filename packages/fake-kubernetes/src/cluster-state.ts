import { Collection } from "./collection.ts";
import { at, mergePatch, type KubernetesObject, type ObjectMeta } from "./kubernetes-object.ts";
import { factsOf, keyOf, ObjectVersion, type VersionFacts } from "./object-version.ts";
import { seededRandom, type Random } from "./random.ts";
import { apiResource, builtInResources, type ApiResource } from "./resources.ts";
import { alreadyExists, ApiFailure, conflict, failure, invalid, notFound } from "./status.ts";

export interface ObjectName {
  readonly namespace?: string;
  readonly name: string;
}

/** An object that is made when it is asked for: `make` gives the same object each time. */
export interface SyntheticObject {
  readonly facts: VersionFacts;
  readonly make: () => KubernetesObject;
}

/** All objects of all resources under one version counter, as etcd has it. */
export class ClusterState {
  readonly #collections = new Map<string, Collection>();
  readonly #historyCapacity: number;
  readonly #random: Random;
  readonly #now: () => number;
  #resourceVersion = 1;

  constructor(options: { historyCapacity: number; seed: number; now: () => number }) {
    this.#historyCapacity = options.historyCapacity;
    this.#random = seededRandom(options.seed, "server");
    this.#now = options.now;
    for (const resource of builtInResources) this.#serve(resource);
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  /** Seconds since 1970 as RFC 3339, as the server stamps them. */
  timestamp(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d+Z$/, "Z");
  }

  resources(): ApiResource[] {
    return [...this.#collections.values()].map(({ resource }) => resource);
  }

  /** By cluster-wide path, plural name, or `plural.group`. Undefined when nothing is served there. */
  find(name: string): Collection | undefined {
    const direct = this.#collections.get(name);
    if (direct !== undefined) return direct;
    for (const collection of this.#collections.values()) {
      const { resource } = collection;
      if (resource.name === name || `${resource.name}.${resource.group}` === name)
        return collection;
    }
    return undefined;
  }

  /** Like find; throws a TypeError, since an unknown name is the caller's mistake. */
  collection(name: string): Collection {
    const collection = this.find(name);
    if (collection === undefined) throw new TypeError(`no resource is served as ${name}`);
    return collection;
  }

  /** Throws AlreadyExists; fills in name, uid, creationTimestamp and resourceVersion. */
  create(resource: ApiResource, object: KubernetesObject): ObjectVersion {
    const collection = this.collection(resource.path);
    const metadata = { ...object.metadata };
    if ((metadata.name ?? "") === "" && (metadata.generateName ?? "") !== "")
      metadata.name = `${metadata.generateName}${this.#random.suffix(5)}`;
    const name = metadata.name ?? "";
    if (name === "")
      throw invalid(resource, "", {
        reason: "FieldValueRequired",
        message: "Required value: name or generateName is required",
        field: "metadata.name",
      });
    if (collection.get(keyOf(metadata.namespace ?? "", name)) !== undefined)
      throw alreadyExists(resource, name);
    metadata.uid ??= this.#random.uuid();
    metadata.creationTimestamp ??= this.timestamp();
    return this.#write(collection, { ...object, metadata });
  }

  /** Replaces the whole object. Throws NotFound, and Conflict when the object's resourceVersion or uid is another than the stored one's. */
  update(resource: ApiResource, object: KubernetesObject): ObjectVersion {
    const collection = this.collection(resource.path);
    const metadata = { ...object.metadata };
    const name = metadata.name ?? "";
    const current = collection.get(keyOf(metadata.namespace ?? "", name));
    if (current === undefined) throw notFound(resource, name);
    const precondition = metadata.resourceVersion ?? "";
    if (precondition !== "" && precondition !== String(current.resourceVersion))
      throw conflict(resource, name);
    if (metadata.uid !== undefined && metadata.uid !== "" && metadata.uid !== current.uid)
      throw conflict(
        resource,
        name,
        `the UID in the precondition (${metadata.uid}) does not match the UID in record (${current.uid})`,
      );
    const stored = current.object();
    metadata.uid = current.uid;
    metadata.creationTimestamp ??= stored.metadata?.creationTimestamp ?? null;
    const finalized =
      stored.metadata?.deletionTimestamp !== undefined &&
      (stored.metadata.finalizers ?? []).length > 0 &&
      (metadata.finalizers ?? []).length === 0;
    if (finalized) return this.#remove(collection, current);
    return this.#write(collection, { ...object, metadata });
  }

  /** Applies a JSON merge patch. */
  patch(resource: ApiResource, target: ObjectName, patch: unknown): ObjectVersion {
    const current = this.#existing(resource, target);
    const patched = mergePatch(current.object(), patch);
    const metadata = at(patched, "metadata");
    if (metadata === undefined)
      throw new ApiFailure(failure(422, "Invalid", { message: "the patch removes metadata" }));
    const precondition = at(patch, "metadata", "resourceVersion");
    // The patched object was an object and has its metadata still.
    const object = patched as KubernetesObject;
    const checked: ObjectMeta = { ...object.metadata };
    checked.resourceVersion = typeof precondition === "string" ? precondition : "";
    return this.update(resource, { ...object, metadata: checked });
  }

  /** Creates or replaces, whatever is there: a new uid under a known name deletes the old object first. */
  put(resource: ApiResource, object: KubernetesObject): ObjectVersion {
    const collection = this.collection(resource.path);
    const metadata = { ...object.metadata };
    delete metadata.resourceVersion;
    const current = collection.get(keyOf(metadata.namespace ?? "", metadata.name ?? ""));
    if (current === undefined) return this.create(resource, { ...object, metadata });
    if (metadata.uid !== undefined && metadata.uid !== current.uid) {
      this.#remove(collection, current);
      return this.create(resource, { ...object, metadata });
    }
    return this.update(resource, { ...object, metadata });
  }

  /** Deletes at once, or marks for deletion while there are finalizers. Throws NotFound. */
  delete(resource: ApiResource, target: ObjectName): ObjectVersion {
    const collection = this.collection(resource.path);
    const current = this.#existing(resource, target);
    const object = current.object();
    if ((object.metadata?.finalizers ?? []).length > 0) {
      if (object.metadata?.deletionTimestamp !== undefined) return current;
      const metadata = {
        ...object.metadata,
        deletionTimestamp: this.timestamp(),
        deletionGracePeriodSeconds: 0,
      };
      return this.#write(collection, { ...object, metadata });
    }
    return this.#remove(collection, current);
  }

  /** Adds objects that are made on demand, without events: before anybody watches. */
  load(resource: ApiResource, objects: Iterable<SyntheticObject>): void {
    const collection = this.collection(resource.path);
    for (const { facts, make } of objects)
      collection.load(
        new ObjectVersion(resource, ++this.#resourceVersion, { facts, source: make }),
      );
  }

  /** Forgets history: `resource` only, or everywhere. Older versions are answered 410 from now on. */
  compact(resource?: string): void {
    if (resource !== undefined) return this.collection(resource).compact();
    for (const collection of this.#collections.values()) {
      collection.observe(this.#resourceVersion);
      collection.compact();
    }
  }

  /** Lets the counter jump forward without a change (other resources' writes do that). */
  advance(by: number): void {
    this.#resourceVersion += by;
  }

  /** The counter goes back and all history is lost, as after etcd was restored from a backup. The objects stay. */
  restoreBackup(resourceVersion: number): void {
    this.#resourceVersion = resourceVersion;
    for (const collection of this.#collections.values()) collection.rewind(resourceVersion);
  }

  #existing(resource: ApiResource, { namespace = "", name }: ObjectName): ObjectVersion {
    const current = this.collection(resource.path).get(keyOf(namespace, name));
    if (current === undefined) throw notFound(resource, name);
    return current;
  }

  #write(collection: Collection, object: KubernetesObject): ObjectVersion {
    const facts = factsOf(object);
    const previous = collection.get(keyOf(facts.namespace, facts.name));
    const source = JSON.stringify(object);
    const version = new ObjectVersion(collection.resource, this.#resourceVersion + 1, {
      facts,
      source,
    });
    if (previous !== undefined && sameContent(previous, version)) return previous;
    this.#resourceVersion++;
    collection.commit({
      type: previous === undefined ? "ADDED" : "MODIFIED",
      resourceVersion: this.#resourceVersion,
      object: version,
      previous,
    });
    if (collection.resource.name === "customresourcedefinitions") this.#define(object);
    return version;
  }

  #remove(collection: Collection, current: ObjectVersion): ObjectVersion {
    const object = current.withResourceVersion(++this.#resourceVersion);
    collection.commit({
      type: "DELETED",
      resourceVersion: this.#resourceVersion,
      object,
      previous: current,
    });
    if (collection.resource.name === "customresourcedefinitions")
      for (const resource of customResourcesOf(current.object()))
        this.#collections.delete(resource.path);
    return object;
  }

  #define(definition: KubernetesObject): void {
    for (const resource of customResourcesOf(definition))
      if (!this.#collections.has(resource.path)) this.#serve(resource);
  }

  #serve(resource: ApiResource): void {
    this.#collections.set(
      resource.path,
      new Collection(resource, this.#historyCapacity, this.#resourceVersion),
    );
  }
}

/** An update that changes nothing keeps its version, as in etcd3 storage. */
function sameContent(a: ObjectVersion, b: ObjectVersion): boolean {
  return b.withResourceVersion(a.resourceVersion).text() === a.text();
}

function customResourcesOf(definition: KubernetesObject): ApiResource[] {
  const versions = at(definition, "spec", "versions");
  if (!Array.isArray(versions)) return [];
  return versions
    .filter((version) => at(version, "served") !== false)
    .map((version) =>
      apiResource({
        group: String(at(definition, "spec", "group")),
        version: String(at(version, "name")),
        name: String(at(definition, "spec", "names", "plural")),
        kind: String(at(definition, "spec", "names", "kind")),
        namespaced: at(definition, "spec", "scope") !== "Cluster",
        subresources: at(version, "subresources", "status") === undefined ? [] : ["status"],
        custom: true,
      }),
    );
}

/** A CustomResourceDefinition in JSON form that serves one version. */
export function customResourceDefinition(resource: {
  readonly group: string;
  readonly version: string;
  readonly name: string;
  readonly kind: string;
  readonly namespaced?: boolean;
}): KubernetesObject {
  return {
    metadata: { name: `${resource.name}.${resource.group}` },
    spec: {
      group: resource.group,
      scope: resource.namespaced === false ? "Cluster" : "Namespaced",
      names: {
        plural: resource.name,
        singular: resource.kind.toLowerCase(),
        kind: resource.kind,
        listKind: `${resource.kind}List`,
      },
      versions: [
        {
          name: resource.version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
    status: {
      acceptedNames: { plural: resource.name, kind: resource.kind },
      conditions: [
        { type: "NamesAccepted", status: "True", reason: "NoConflicts" },
        { type: "Established", status: "True", reason: "InitialNamesAccepted" },
      ],
      storedVersions: [resource.version],
    },
  };
}
