import type {
  DiscoveryEndpoints,
  DiscoveryPod,
  EndpointSlice,
  Ingress,
  Service,
} from "@kube-state-mosaic/wire";
import {
  controllerOf,
  type KindName,
  type KindTypes,
  type KubernetesObject,
} from "./kubernetes-objects.ts";
import type { Change, ObjectCache } from "./object-cache.ts";
import { endpointsGroup, endpointsSource } from "./roles/endpoints.ts";
import { endpointSliceGroup, endpointSliceSource, serviceKeyOf } from "./roles/endpointslice.ts";
import { ingressGroup, ingressSource } from "./roles/ingress.ts";
import { nodeGroup, nodeSource } from "./roles/node.ts";
import { podGroup, podSource } from "./roles/pod.ts";
import { serviceGroup, serviceSource } from "./roles/service.ts";
import type { AttachMetadata, Surroundings } from "./roles/surroundings.ts";
import type { TargetGroup } from "./target-group.ts";

export const roleNames = [
  "node",
  "service",
  "pod",
  "endpoints",
  "endpointslice",
  "ingress",
] as const;
export type RoleName = (typeof roleNames)[number];

/** A kind that a role reads besides its own. */
interface Related<T, Main extends KubernetesObject> {
  /** Whether the role waits for it before its first group. */
  readonly awaited: boolean;
  /** Keys of the main objects that a change makes out of date; left out for none. */
  readonly queues?: (change: Change<T>, main: ObjectCache<Main>) => Iterable<string>;
  /** The role under which its events are counted, if they are. */
  readonly counted?: (change: Change<T>) => RoleName | undefined;
}

export type RelatedKinds<Main extends KubernetesObject> = {
  readonly [Name in KindName]?: Related<KindTypes[Name], Main> | undefined;
};

/** All that tells one role from another. */
export interface RoleRules<Main extends KindName> {
  readonly main: Main;
  readonly sourceOf: (key: string) => string;
  /** Undefined: nothing is sent, and what was sent before stays. */
  readonly groupOf: (object: KindTypes[Main], around: Surroundings) => TargetGroup | undefined;
  readonly related: (attach: AttachMetadata) => RelatedKinds<KindTypes[Main]>;
}

type MainKinds = {
  node: "nodes";
  service: "services";
  pod: "pods";
  endpoints: "endpoints";
  endpointslice: "endpointslices";
  ingress: "ingresses";
};

export const roleRules: { readonly [Role in RoleName]: RoleRules<MainKinds[Role]> } = {
  node: { main: "nodes", sourceOf: nodeSource, groupOf: nodeGroup, related: () => ({}) },
  service: {
    main: "services",
    sourceOf: serviceSource,
    groupOf: serviceGroup,
    related: ({ namespace }) => ({ namespaces: attachedNamespaces<Service>(namespace) }),
  },
  pod: {
    main: "pods",
    sourceOf: podSource,
    groupOf: podGroup,
    related: ({ node, namespace, deployment, job, cronjob }) => ({
      nodes: node
        ? { awaited: true, queues: ({ key }, pods) => pods.find(nodeOfPod, key) }
        : undefined,
      namespaces: attachedNamespaces<DiscoveryPod>(namespace),
      replicasets: deployment
        ? {
            awaited: true,
            queues: ({ key }, pods) => pods.find(controllerOfPod, `ReplicaSet/${key}`),
          }
        : undefined,
      jobs:
        job || cronjob
          ? { awaited: true, queues: ({ key }, pods) => pods.find(controllerOfPod, `Job/${key}`) }
          : undefined,
    }),
  },
  endpoints: {
    main: "endpoints",
    sourceOf: endpointsSource,
    groupOf: endpointsGroup,
    related: (attach) => ({
      services: {
        awaited: true,
        queues: ({ key }, endpoints) => (endpoints.get(key) === undefined ? [] : [key]),
        counted: () => "service",
      },
      pods: {
        awaited: true,
        // Other changes of a pod come with a change of the Endpoints object, or show when it changes next.
        queues: ({ key, before, after }, endpoints) =>
          before !== undefined && after !== undefined && before.status.phase !== after.status.phase
            ? endpoints.find(podsOfEndpoints, key)
            : [],
        counted: ({ event }) => (event === "update" ? "pod" : undefined),
      },
      nodes: attach.node
        ? { awaited: true, queues: ({ key }, endpoints) => endpoints.find(nodesOfEndpoints, key) }
        : undefined,
      namespaces: attachedNamespaces<DiscoveryEndpoints>(attach.namespace),
      ...ownersOfPods<DiscoveryEndpoints>(attach),
    }),
  },
  endpointslice: {
    main: "endpointslices",
    sourceOf: endpointSliceSource,
    groupOf: endpointSliceGroup,
    related: (attach) => ({
      services: {
        awaited: true,
        queues: ({ key }, slices) => slices.find(serviceOfSlice, key),
        counted: () => "service",
      },
      pods: { awaited: true },
      nodes: attach.node
        ? { awaited: true, queues: ({ key }, slices) => slices.find(nodesOfSlice, key) }
        : undefined,
      namespaces: attachedNamespaces<EndpointSlice>(attach.namespace),
      ...ownersOfPods<EndpointSlice>(attach),
    }),
  },
  ingress: {
    main: "ingresses",
    sourceOf: ingressSource,
    groupOf: ingressGroup,
    related: ({ namespace }) => ({ namespaces: attachedNamespaces<Ingress>(namespace) }),
  },
};

/** Namespaces, where they are attached: an update concerns all main objects inside. */
function attachedNamespaces<Main extends KubernetesObject>(
  attached: boolean,
): Related<KindTypes["namespaces"], Main> | undefined {
  if (!attached) return undefined;
  return {
    awaited: true,
    queues: ({ event, key }, main) => (event === "update" ? main.find(namespaceOf, key) : []),
  };
}

/** In these roles the owners of pods are read, but neither waited for nor followed. */
function ownersOfPods<Main extends KubernetesObject>({
  deployment,
  job,
  cronjob,
}: AttachMetadata): RelatedKinds<Main> {
  return {
    replicasets: deployment ? { awaited: false } : undefined,
    jobs: job || cronjob ? { awaited: false } : undefined,
  };
}

function namespaceOf({ metadata }: KubernetesObject): string[] {
  return [metadata.namespace];
}

function nodeOfPod({ spec }: DiscoveryPod): string[] {
  return [spec.nodeName];
}

function controllerOfPod({ metadata }: DiscoveryPod): string[] {
  const controller = controllerOf(metadata);
  return controller === undefined
    ? []
    : [`${controller.kind}/${metadata.namespace}/${controller.name}`];
}

function podsOfEndpoints({ subsets }: DiscoveryEndpoints): string[] {
  return subsets.flatMap(({ addresses }) =>
    addresses.flatMap(({ targetRef }) =>
      targetRef?.kind === "Pod" ? [`${targetRef.namespace}/${targetRef.name}`] : [],
    ),
  );
}

function nodesOfEndpoints({ subsets }: DiscoveryEndpoints): string[] {
  return subsets.flatMap(({ addresses }) => addresses.flatMap(nodeWords));
}

function nodesOfSlice({ endpoints }: EndpointSlice): string[] {
  return endpoints.flatMap(nodeWords);
}

function serviceOfSlice(slice: EndpointSlice): string[] {
  const key = serviceKeyOf(slice);
  return key === undefined ? [] : [key];
}

/** An address without a target, or with one of another kind, is not found by its node: the reference's rule. */
function nodeWords(address: {
  readonly targetRef: { readonly kind: string; readonly name: string } | undefined;
  readonly nodeName: string | undefined;
}): string[] {
  const { targetRef, nodeName } = address;
  if (targetRef?.kind === "Node") return [targetRef.name];
  return targetRef?.kind === "Pod" && nodeName !== undefined ? [nodeName] : [];
}
