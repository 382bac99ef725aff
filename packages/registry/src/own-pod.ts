import { ExporterError } from "@kube-state-mosaic/errors";
import { ApiError, type ApiClient } from "@kube-state-mosaic/kubernetes";

/** The parts of a pod that say who it is. */
export interface Pod {
  readonly metadata: {
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
  };
  readonly spec?: { readonly serviceAccountName?: string };
}

/** Who this process is. */
export interface OwnPod {
  readonly uid: string;
  readonly statefulset: string;
  /** What follows the StatefulSet's name in the pod's: `0`, `12`. */
  readonly ordinal: string;
  /** Whom the API server gives permissions. */
  readonly serviceAccount: string;
}

export function podPath(namespace: string, pod: string): string {
  return `/api/v1/namespaces/${namespace}/pods/${pod}`;
}

/** Reads our own pod. Throws what is missing or not allowed. */
export async function ownPod(
  client: ApiClient,
  { namespace, pod }: { readonly namespace: string; readonly pod: string },
  signal: AbortSignal,
): Promise<OwnPod> {
  const { metadata, spec } = await client
    .getJson<Pod>(podPath(namespace, pod), {}, signal)
    .catch((error: unknown) => {
      throw permissionNeeded(error, { verbs: "get", resource: "pods", namespace });
    });
  const owners = metadata.ownerReferences ?? [];
  const controller = owners.find(
    ({ apiVersion, kind, controller: controls }) =>
      apiVersion === "apps/v1" && kind === "StatefulSet" && controls === true,
  );
  if (controller === undefined) {
    const found = owners.map(({ kind, name }) => `${kind} ${name}`).join(", ") || "nothing";
    throw new ExporterError(
      "NO_STATEFULSET",
      `pod ${namespace}/${pod} is not controlled by a StatefulSet of apps/v1, but by ${found}`,
    );
  }
  const statefulset = controller.name;
  const ordinal = pod.startsWith(`${statefulset}-`) ? pod.slice(statefulset.length + 1) : "";
  if (!/^(0|[1-9][0-9]{0,9})$/.test(ordinal))
    throw new ExporterError(
      "NO_ORDINAL",
      `pod ${namespace}/${pod} is not named ${statefulset}-<ordinal>, as the pods of its StatefulSet are`,
    );
  const serviceAccount = spec?.serviceAccountName ?? "default";
  return { uid: metadata.uid, statefulset, ordinal, serviceAccount };
}

/** An answer 403 becomes an error that names the permission to give; anything else stays as it is. */
export function permissionNeeded(
  error: unknown,
  need: {
    readonly verbs: string;
    readonly resource: "pods" | "statefulsets";
    readonly namespace: string;
  },
): unknown {
  if (!(error instanceof ApiError) || error.httpStatus !== 403) return error;
  const group = need.resource === "pods" ? "core" : "apps";
  return new ExporterError(
    "STATEFULSET_FORBIDDEN",
    `the service account needs ${need.verbs} on ${need.resource} (API group ${group}) in namespace ${need.namespace}`,
    { cause: error },
  );
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 404;
}
