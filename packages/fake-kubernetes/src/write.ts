import { isDeepStrictEqual } from "node:util";
import type { ClusterState } from "./cluster-state.ts";
import { at, mergePatch, type KubernetesObject } from "./kubernetes-object.ts";
import { keyOf, type ObjectVersion } from "./object-version.ts";
import type { ResourcePath } from "./request-path.ts";
import type { ApiResource } from "./resources.ts";
import { alreadyExists, ApiFailure, badRequest, conflict, failure, notFound } from "./status.ts";

const withGeneration = new Set([
  "daemonsets",
  "deployments",
  "replicasets",
  "replicationcontrollers",
  "statefulsets",
  "cronjobs",
  "jobs",
  "ingresses",
  "networkpolicies",
  "poddisruptionbudgets",
  "pods",
  "customresourcedefinitions",
]);

/** Creates as a client of the real API would: status dropped, generation set, the namespace must exist. */
export function createOverHttp(
  state: ClusterState,
  path: ResourcePath,
  body: unknown,
): ObjectVersion {
  const { resource } = path.collection;
  const object = checkedBody(resource, body);
  const metadata = { ...object.metadata };
  if (resource.namespaced) {
    if (path.namespace === "")
      throw badRequest("an empty namespace may not be set during creation");
    if ((metadata.namespace ?? path.namespace) !== path.namespace)
      throw badRequest(
        "the namespace of the provided object does not match the namespace sent on the request",
      );
    const namespaces = state.collection("/api/v1/namespaces");
    if (namespaces.get(path.namespace) === undefined)
      throw notFound(namespaces.resource, path.namespace);
    metadata.namespace = path.namespace;
  }
  if ((metadata.resourceVersion ?? "") !== "")
    throw badRequest("resourceVersion should not be set on objects to be created");
  // Only the server decides about these.
  delete metadata.uid;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  if (hasGeneration(resource)) metadata.generation = 1;
  const created: KubernetesObject = { ...object, metadata };
  if (resource.subresources.includes("status") && resource.name !== "nodes")
    delete created["status"];
  if (metadata.name !== undefined && path.collection.get(keyOf(path.namespace, metadata.name)))
    throw alreadyExists(resource, metadata.name);
  return state.create(resource, created);
}

/** PUT of an object, its status or its scale. */
export function updateOverHttp(
  state: ClusterState,
  path: ResourcePath,
  body: unknown,
): ObjectVersion {
  const { resource } = path.collection;
  const current = existing(path);
  if (path.subresource === "scale") return scale(state, path, at(body, "spec", "replicas"));
  const object = checkedBody(resource, body);
  const name = object.metadata?.name ?? path.name;
  if (name !== path.name)
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${path.name})`,
    );
  const metadata = { ...object.metadata, name };
  if (resource.namespaced) metadata.namespace = path.namespace;
  return state.update(resource, merged(path, current, { ...object, metadata }));
}

/** PATCH with a JSON merge patch, or a strategic one of the same shape. */
export function patchOverHttp(
  state: ClusterState,
  path: ResourcePath,
  patch: unknown,
): ObjectVersion {
  const { resource } = path.collection;
  const current = existing(path);
  if (path.subresource === "scale") {
    const replicas = at(patch, "spec", "replicas");
    return scale(state, path, replicas);
  }
  const precondition = at(patch, "metadata", "resourceVersion");
  if (typeof precondition === "string" && precondition !== String(current.resourceVersion))
    throw conflict(resource, path.name);
  // An object patched by an object stays one.
  const patched = mergePatch(current.object(), patch) as KubernetesObject;
  const metadata = { ...patched.metadata, name: path.name };
  return state.update(resource, merged(path, current, { ...patched, metadata }));
}

/** The `autoscaling/v1` Scale of an object. */
export function scaleOf(object: ObjectVersion): unknown {
  const content = object.object();
  const { metadata = {} } = content;
  const labels = at(content, "spec", "selector", "matchLabels") ?? {};
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      creationTimestamp: metadata.creationTimestamp,
    },
    spec: { replicas: at(content, "spec", "replicas") ?? 1 },
    status: {
      replicas: at(content, "status", "replicas") ?? 0,
      selector: Object.entries(labels)
        .map(([key, value]) => `${key}=${String(value)}`)
        .join(","),
    },
  };
}

/** DELETE of one object; `options` may hold preconditions. */
export function deleteOverHttp(
  state: ClusterState,
  path: ResourcePath,
  options: unknown,
): ObjectVersion {
  const { resource } = path.collection;
  const current = existing(path);
  const uid = at(options, "preconditions", "uid");
  if (typeof uid === "string" && uid !== current.uid)
    throw conflict(
      resource,
      path.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${current.uid}). The object might have been deleted and then recreated`,
    );
  const version = at(options, "preconditions", "resourceVersion");
  if (typeof version === "string" && version !== String(current.resourceVersion))
    throw conflict(resource, path.name, "the ResourceVersion in the precondition does not match");
  return state.delete(resource, { namespace: path.namespace, name: path.name });
}

function existing(path: ResourcePath): ObjectVersion {
  const current = path.collection.get(keyOf(path.namespace, path.name));
  if (current === undefined) throw notFound(path.collection.resource, path.name);
  return current;
}

function scale(state: ClusterState, path: ResourcePath, replicas: unknown): ObjectVersion {
  const current = existing(path);
  if (typeof replicas !== "number") throw badRequest("spec.replicas of a Scale must be a number");
  const content = current.object();
  const spec = mergePatch(at(content, "spec"), { replicas });
  return state.update(path.collection.resource, merged(path, current, { ...content, spec }));
}

/** The main path leaves the status alone, the status path everything but the status; a change of spec is a new generation. */
function merged(
  path: ResourcePath,
  current: ObjectVersion,
  wanted: KubernetesObject,
): KubernetesObject {
  const { resource } = path.collection;
  const stored = current.object();
  const result: KubernetesObject =
    path.subresource === "status"
      ? { ...stored, metadata: { ...wanted.metadata }, status: wanted["status"] }
      : { ...wanted, metadata: { ...wanted.metadata } };
  if (path.subresource !== "status" && resource.subresources.includes("status")) {
    if (stored["status"] === undefined) delete result["status"];
    else result["status"] = stored["status"];
  }
  const generation = stored.metadata?.generation;
  if (hasGeneration(resource) && result.metadata !== undefined) {
    const changed = !isDeepStrictEqual(stored["spec"], result["spec"]);
    result.metadata.generation = (generation ?? 1) + (changed ? 1 : 0);
  }
  return result;
}

function hasGeneration(resource: ApiResource): boolean {
  return resource.custom || withGeneration.has(resource.name);
}

function checkedBody(resource: ApiResource, body: unknown): KubernetesObject {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): not a JSON object`,
    );
  const kind = at(body, "kind");
  if (resource.custom && kind === undefined)
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing`,
    );
  if (kind !== undefined && kind !== resource.kind)
    throw badRequest(`${JSON.stringify(kind)} cannot be handled as a ${resource.kind}`);
  const metadata = at(body, "metadata");
  if (metadata !== undefined && (typeof metadata !== "object" || metadata === null))
    throw new ApiFailure(failure(400, "BadRequest", { message: "metadata is not an object" }));
  return body as KubernetesObject;
}
