import type { ClusterState } from "./cluster-state.ts";
import type { Collection } from "./collection.ts";

/** What a path names; empty strings where it names nothing. */
export interface ResourcePath {
  readonly collection: Collection;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** Reads `/api/v1/namespaces/x/pods/y/status` and the like; undefined when nothing is served there. */
export function parsePath(state: ClusterState, path: string): ResourcePath | undefined {
  const segments = path
    .split("/")
    .filter((segment) => segment !== "")
    .map(decodeURIComponent);
  const prefix = segments[0] === "api" ? segments.slice(0, 2) : segments.slice(0, 3);
  if (segments[0] !== "api" && segments[0] !== "apis") return undefined;
  let rest = segments.slice(prefix.length);
  let namespace = "";
  // /namespaces/x and /namespaces/x/status are the namespace itself; /namespaces/x/pods is inside it.
  const scoped =
    rest[0] === "namespaces" && rest.length > 2 && rest[2] !== "status" && rest[2] !== "finalize";
  if (scoped) {
    namespace = rest[1] ?? "";
    rest = rest.slice(2);
  }
  const [resource, name = "", subresource = "", ...extra] = rest;
  if (resource === undefined || extra.length > 0) return undefined;
  const collection = state.find(`/${[...prefix, resource].join("/")}`);
  if (collection === undefined) return undefined;
  const definition = collection.resource;
  if (scoped && !definition.namespaced) return undefined;
  // A namespaced object has no path without its namespace.
  if (definition.namespaced && !scoped && name !== "") return undefined;
  const served = subresource === "" || (definition.subresources as string[]).includes(subresource);
  return served ? { collection, namespace, name, subresource } : undefined;
}
