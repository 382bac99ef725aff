import { ExporterError } from "@kube-state-mosaic/errors";

/** As much of an object as says where it belongs. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

// Where the API server keeps a kind; as its plural, apart from a few older than that rule.
const folders: Readonly<Record<string, string>> = {
  Endpoints: "services/endpoints",
  Ingress: "ingress",
  IngressClass: "ingressclasses",
  NetworkPolicy: "networkpolicies",
  Node: "minions",
  ReplicationController: "controllers",
  Service: "services/specs",
  StorageClass: "storageclasses",
  MutatingAdmissionPolicy: "mutatingadmissionpolicies",
  ValidatingAdmissionPolicy: "validatingadmissionpolicies",
};

/** The key under which the API server looks for a built-in object in etcd. Throws `OBJECT_UNNAMED`. */
export function etcdKey(object: KubernetesObject): string {
  const { kind, metadata } = object;
  if (!kind || !metadata?.name)
    throw new ExporterError("OBJECT_UNNAMED", "an object without kind or name cannot be stored");
  const folder = folders[kind] ?? `${kind.toLowerCase()}s`;
  return ["/registry", folder, metadata.namespace, metadata.name]
    .filter((part) => part !== undefined && part !== "")
    .join("/");
}
