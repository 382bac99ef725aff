import { apiVersionOf, type ApiResource } from "./resources.ts";

/** `/version`, `/api`, `/apis`, `/apis/<group>` and `/apis/<group>/<version>`; undefined for other paths. */
export function discoveryDocument(
  path: string,
  resources: readonly ApiResource[],
  gitVersion: string,
): unknown {
  if (path === "/version") return versionDocument(gitVersion);
  if (path === "/api")
    return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  const segments = path.split("/").slice(1);
  if (path === "/api/v1") return resourceList("v1", resources);
  if (segments[0] !== "apis") return undefined;
  const groups = Map.groupBy(
    resources.filter(({ group }) => group !== ""),
    ({ group }) => group,
  );
  if (path === "/apis")
    return {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: [...groups].map(([name, members]) => groupDocument(name, members)),
    };
  const members = groups.get(segments[1] ?? "");
  if (members === undefined) return undefined;
  if (segments.length === 2)
    return { kind: "APIGroup", apiVersion: "v1", ...groupDocument(segments[1] ?? "", members) };
  const groupVersion = `${segments[1]}/${segments[2]}`;
  return segments.length === 3 &&
    members.some((resource) => apiVersionOf(resource) === groupVersion)
    ? resourceList(groupVersion, resources)
    : undefined;
}

function versionDocument(gitVersion: string): unknown {
  const [, major = "1", minor = "36"] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: "0000000000000000000000000000000000000000",
    gitTreeState: "clean",
    buildDate: "2026-01-01T00:00:00Z",
    goVersion: "go1.26.0",
    compiler: "gc",
    platform: "linux/amd64",
  };
}

function groupDocument(name: string, members: readonly ApiResource[]): { name: string } {
  const versions = [...new Set(members.map(({ version }) => version))].map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return Object.assign({ name }, { versions, preferredVersion: versions[0] });
}

function resourceList(groupVersion: string, resources: readonly ApiResource[]): unknown {
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: resources
      .filter((resource) => apiVersionOf(resource) === groupVersion)
      .flatMap((resource) => [
        {
          name: resource.name,
          singularName: resource.kind.toLowerCase(),
          namespaced: resource.namespaced,
          kind: resource.kind,
          verbs: [
            "create",
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "update",
            "watch",
          ],
        },
        ...resource.subresources.map((subresource) => ({
          name: `${resource.name}/${subresource}`,
          singularName: "",
          namespaced: resource.namespaced,
          kind: subresource === "scale" ? "Scale" : resource.kind,
          verbs: ["get", "patch", "update"],
        })),
      ]),
  };
}
