import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";
import { parseAllDocuments } from "yaml";
import { render } from "./kubelet-manifests.ts";

export interface AutoshardingVariant {
  readonly replicas: number;
  /** With the pod management that StatefulSets have unless told otherwise. */
  readonly isOrdered: boolean;
  /** Without the permission for Leases, and with the grace period that pods have unless told otherwise: as the reference's manifests. Coordinators need Leases, so there are none. */
  readonly isUncoordinated: boolean;
}

export const namespace = "kube-system";
/** The shards' StatefulSet. */
export const statefulset = "kube-state-metrics-shard";
/** The coordinators' Deployment and Service. */
export const coordinator = "kube-state-metrics";

/** The part of the objects that is looked at or changed here. */
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  rules?: readonly { readonly resources: readonly string[] }[];
  spec?: {
    replicas?: number;
    podManagementPolicy?: string;
    template?: { spec: { terminationGracePeriodSeconds?: number } };
  };
}

const ofCoordinators = ["Deployment", "Service", "PodDisruptionBudget"];

/** The autosharding manifests with what a variant changes, as JSON documents. */
export async function autoshardingManifests(
  client: ControlPlaneClient,
  { replicas, isOrdered, isUncoordinated }: AutoshardingVariant,
): Promise<string> {
  const documents = parseAllDocuments(await render(client, "autosharding"));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const set = manifests.find(({ kind }) => kind === "StatefulSet");
  if (set?.spec?.template === undefined) throw new Error("the manifests have no StatefulSet");
  set.spec.replicas = replicas;
  if (isOrdered) set.spec.podManagementPolicy = "OrderedReady";
  const role = manifests.find(
    ({ kind, metadata }) => kind === "Role" && metadata.name === statefulset,
  );
  if (isUncoordinated) {
    delete set.spec.template.spec.terminationGracePeriodSeconds;
    if (role?.rules === undefined) throw new Error("the manifests have no Role for shards");
    role.rules = role.rules.filter(({ resources }) => !resources.includes("leases"));
  }
  return manifests
    .filter(
      ({ kind, metadata }) =>
        !(isUncoordinated && metadata.name === coordinator && ofCoordinators.includes(kind)),
    )
    .map((manifest) => JSON.stringify(manifest))
    .join("\n---\n");
}
