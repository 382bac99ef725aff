import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
}

export interface DefinitionOptions {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly versions: readonly Version[];
}

/** A CustomResourceDefinition that takes any fields, with a status of its own. */
export function definitionOf({ group, kind, plural, scope, versions }: DefinitionOptions): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((version) => ({
        ...version,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      })),
    },
  };
}

/** Applies the definition and waits until its objects can be made. */
export async function define(
  client: ControlPlaneClient,
  options: DefinitionOptions,
): Promise<void> {
  await client.apply(JSON.stringify(definitionOf(options)));
  const name = `crd/${options.plural}.${options.group}`;
  await client.kubectl(`wait --for=condition=Established --timeout=30s ${name}`);
}

/** KubeSphere's User as its definition has it, as far as names go. */
export const userDefinition: DefinitionOptions = {
  group: "iam.kubesphere.io",
  kind: "User",
  plural: "users",
  scope: "Cluster",
  versions: [{ name: "v1alpha2", served: true, storage: true }],
};

/** A User with a password, and the annotations given. */
export function user(name: string, password: string, annotations: Record<string, string>): object {
  return {
    apiVersion: "iam.kubesphere.io/v1alpha2",
    kind: "User",
    metadata: { name, annotations, labels: { team: "blue" } },
    spec: { email: `${name}@example.com`, password },
  };
}
