import type { ConfiguredResource } from "@kube-state-mosaic/custom-resource-state";
import type { Options } from "@kube-state-mosaic/options";

/** One rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What is asked of the API server, and where. */
export interface Permissions {
  /** Cluster-wide. */
  readonly cluster: readonly Rule[];
  /** By namespace. */
  readonly namespaces: ReadonlyMap<string, readonly Rule[]>;
}

/** The part of a resource that permissions are about. */
export interface ReadResource {
  readonly group: string;
  /** As in URLs. */
  readonly plural: string;
  readonly namespaced: boolean;
}

type RbacOptions = Pick<Options, "namespaces" | "authFilter" | "pod" | "podNamespace">;

const read = ["list", "watch"];

/** What a worker asks of the API server with these options, for these resources. `definitions`: custom resources are configured. */
export function permissionsOf(
  resources: readonly ReadResource[],
  definitions: boolean,
  options: RbacOptions,
): Permissions {
  const isScoped = ({ namespaced }: ReadResource): boolean =>
    namespaced && options.namespaces.length > 0;
  const cluster = [
    ...readRules(resources.filter((resource) => !isScoped(resource))),
    ...(definitions ? [rule("apiextensions.k8s.io", "customresourcedefinitions", read)] : []),
    ...(options.authFilter
      ? [
          rule("authentication.k8s.io", "tokenreviews", ["create"]),
          rule("authorization.k8s.io", "subjectaccessreviews", ["create"]),
        ]
      : []),
  ];
  const namespaces = new Map<string, readonly Rule[]>();
  const scoped = readRules(resources.filter(isScoped));
  if (scoped.length > 0) for (const name of options.namespaces) namespaces.set(name, scoped);
  if (options.pod !== "" && options.podNamespace !== "")
    namespaces.set(options.podNamespace, [
      ...(namespaces.get(options.podNamespace) ?? []),
      ...registryRules,
    ]);
  return { cluster, namespaces };
}

/** What members of a layout need in their own namespace. */
const registryRules: readonly Rule[] = [
  rule("", "pods", ["get"]),
  rule("apps", "statefulsets", ["get", ...read]),
  rule("coordination.k8s.io", "leases", ["get", ...read, "create", "update", "delete"]),
];

/**
 * The resource that an item of the configuration is about. Where it has no `resourcePlural` only the cluster knows the plural: here it
 * is formed as Kubernetes forms it where nothing else is known.
 */
export function configuredResource({ group, kind, plural }: ConfiguredResource): ReadResource {
  if (kind === "*") return { group, plural: "*", namespaced: true };
  return { group, plural: plural || pluralOf(kind.toLowerCase()), namespaced: true };
}

function pluralOf(singular: string): string {
  if (singular.endsWith("s")) return `${singular}es`;
  return singular.endsWith("y") ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

/** A rule for each API group, groups and resources in byte order. */
function readRules(resources: readonly ReadResource[]): Rule[] {
  const groups = Map.groupBy(resources, ({ group }) => group);
  return [...groups]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([group, members]) => {
      const plurals = [...new Set(members.map(({ plural }) => plural))].toSorted();
      return {
        apiGroups: [group],
        resources: plurals.includes("*") ? ["*"] : plurals,
        verbs: read,
      };
    });
}

function rule(group: string, resource: string, verbs: readonly string[]): Rule {
  return { apiGroups: [group], resources: [resource], verbs };
}
