import {
  discoveryEndpoints,
  discoveryPod,
  endpointSlice,
  ingress,
  node,
  omit,
  partialObjectMetadata,
  service,
  type DiscoveryEndpoints,
  type DiscoveryPod,
  type EndpointSlice,
  type Ingress,
  type Message,
  type Node,
  type ObjectMeta,
  type PartialObjectMetadata,
  type Service,
} from "@kube-state-mosaic/wire";

/** A kind that is watched: where it lies and which of its fields are read. */
export interface ObjectKind<T> {
  /** Plural name. */
  readonly name: string;
  /** Cluster-wide path. */
  readonly path: string;
  readonly namespaced: boolean;
  readonly reads: "full" | "metadata";
  readonly schema: Message<T>;
}

/** Metadata is what all kinds have in common. */
export interface KubernetesObject {
  readonly metadata: ObjectMeta;
}

/** Every kind that discovery watches, by its plural name. */
export interface KindTypes {
  nodes: Node;
  namespaces: PartialObjectMetadata;
  pods: DiscoveryPod;
  services: Service;
  endpoints: DiscoveryEndpoints;
  endpointslices: EndpointSlice;
  ingresses: Ingress;
  replicasets: PartialObjectMetadata;
  jobs: PartialObjectMetadata;
}

export type KindName = keyof KindTypes;

const unread = ["generation", "creationTimestamp", "deletionTimestamp"].map(
  (field) => `metadata.${field}`,
);
/** Of most kinds the owner does not show in any label either. */
const unowned = [...unread, "metadata.ownerReferences"];

export const kinds: { readonly [Name in KindName]: ObjectKind<KindTypes[Name]> } = {
  nodes: {
    name: "nodes",
    path: "/api/v1/nodes",
    namespaced: false,
    reads: "full",
    schema: omit(node, [
      ...unowned,
      "spec.podCIDR",
      "spec.podCIDRs",
      "spec.taints",
      "status.capacity",
      "status.allocatable",
      "status.nodeInfo",
    ]),
  },
  namespaces: {
    name: "namespaces",
    path: "/api/v1/namespaces",
    namespaced: false,
    reads: "metadata",
    schema: omit(partialObjectMetadata, unowned),
  },
  pods: namespaced("pods", "/api/v1", omit(discoveryPod, [...unread, "spec.hostNetwork"])),
  services: namespaced("services", "/api/v1", omit(service, [...unowned, "spec.externalIPs"])),
  endpoints: namespaced("endpoints", "/api/v1", omit(discoveryEndpoints, unowned)),
  endpointslices: namespaced(
    "endpointslices",
    "/apis/discovery.k8s.io/v1",
    omit(endpointSlice, [...unowned, "endpoints.hints"]),
  ),
  ingresses: namespaced("ingresses", "/apis/networking.k8s.io/v1", omit(ingress, unowned)),
  // Of these only labels, annotations and owners are read: the server sends no more.
  replicasets: {
    ...namespaced("replicasets", "/apis/apps/v1", omit(partialObjectMetadata, unread)),
    reads: "metadata",
  },
  jobs: {
    ...namespaced("jobs", "/apis/batch/v1", omit(partialObjectMetadata, unread)),
    reads: "metadata",
  },
};

/** `<namespace>/<name>`, or `<name>` of what has no namespace. */
export function keyOf({ namespace, name }: { namespace: string; name: string }): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** The first owner that says it controls the object; its API group is not looked at. */
export function controllerOf({
  ownerReferences,
}: ObjectMeta): { readonly kind: string; readonly name: string } | undefined {
  return ownerReferences.find(({ controller }) => controller === true);
}

function namespaced<T>(name: string, groupPath: string, schema: Message<T>): ObjectKind<T> {
  return { name, path: `${groupPath}/${name}`, namespaced: true, reads: "full", schema };
}
