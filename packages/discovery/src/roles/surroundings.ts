import type { DiscoveryPod, Node, PartialObjectMetadata, Service } from "@kube-state-mosaic/wire";

/** Which objects' metadata is merged into the labels of others. */
export interface AttachMetadata {
  readonly node: boolean;
  readonly namespace: boolean;
  readonly deployment: boolean;
  readonly job: boolean;
  readonly cronjob: boolean;
}

/** The objects around the one that is turned into a group; what is not watched is not known. */
export interface Surroundings {
  readonly attach: AttachMetadata;
  /** Nodes and namespaces by name, the others by `<namespace>/<name>`. */
  node(name: string): Node | undefined;
  namespace(name: string): PartialObjectMetadata | undefined;
  service(key: string): Service | undefined;
  pod(key: string): DiscoveryPod | undefined;
  replicaSet(key: string): PartialObjectMetadata | undefined;
  job(key: string): PartialObjectMetadata | undefined;
}
