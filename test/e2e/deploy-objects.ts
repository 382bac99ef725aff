import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";

/** The part of any object of our manifests that the tests look at. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly name: string; readonly namespace?: string }[];
  readonly spec?: {
    readonly selector?: unknown;
    readonly clusterIP?: string;
    readonly publishNotReadyAddresses?: boolean;
    readonly podManagementPolicy?: string;
    readonly ports?: readonly {
      readonly name: string;
      readonly port: number;
      readonly targetPort: unknown;
    }[];
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly nodeSelector: object;
  readonly containers: readonly {
    readonly args?: readonly string[];
    readonly image: string;
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly livenessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
    readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
    readonly resources: { readonly requests?: Readonly<Record<string, string>> };
    readonly securityContext: object;
  }[];
}

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** YAML documents as the API server would store them; it changes nothing. */
export async function accepted(
  client: ControlPlaneClient,
  yaml: string,
): Promise<readonly Manifest[]> {
  const command = "apply --server-side --dry-run=server --output=json --filename=-";
  const answer = JSON.parse(await client.kubectl(command, yaml)) as
    | Manifest
    | { readonly kind: "List"; readonly items: readonly Manifest[] };
  return "items" in answer ? answer.items : [answer];
}

/** What a ServiceAccount may, one line for each verb on a resource, sorted: `cluster list apps/deployments`. */
export function rightsOf(
  manifests: readonly Manifest[],
  account: { readonly name: string; readonly namespace: string },
): readonly string[] {
  const lines = manifests
    .filter(({ subjects = [] }) =>
      subjects.some(
        ({ name, namespace }) => name === account.name && namespace === account.namespace,
      ),
    )
    .flatMap(({ kind, metadata, roleRef }) => {
      const scope = kind === "ClusterRoleBinding" ? "cluster" : (metadata.namespace ?? "");
      const role = manifests.find(
        (other) =>
          other.kind === roleRef?.kind &&
          other.metadata.name === roleRef.name &&
          (other.kind === "ClusterRole" || other.metadata.namespace === metadata.namespace),
      );
      return (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            verbs.map((verb) => `${scope} ${verb} ${group}/${resource}`),
          ),
        ),
      );
    });
  return [...new Set(lines)].toSorted();
}
