/** Of the StatefulSet whose pods share Leases. */
export interface RoleSubject {
  readonly namespace: string;
  readonly statefulset: string;
  /** Default: named like the StatefulSet. */
  readonly serviceAccount?: string;
}

/**
 * The Role and its binding that coordinated workers need in their own namespace, as a JSON List in one line: log lines keep it as it is,
 * and `kubectl apply -f -` takes it.
 */
export function leaseRole({ namespace, statefulset, serviceAccount }: RoleSubject): string {
  const group = "rbac.authorization.k8s.io";
  const metadata = { name: `${statefulset}-registry`, namespace };
  const rule = (apiGroup: string, resource: string, verbs: readonly string[]) => {
    return { apiGroups: [apiGroup], resources: [resource], verbs };
  };
  const read = ["get", "list", "watch"];
  const role = {
    apiVersion: `${group}/v1`,
    kind: "Role",
    metadata,
    rules: [
      rule("coordination.k8s.io", "leases", [...read, "create", "update", "delete"]),
      rule("apps", "statefulsets", read),
      rule("", "pods", ["get"]),
    ],
  };
  const subject = { kind: "ServiceAccount", name: serviceAccount ?? statefulset, namespace };
  const binding = {
    apiVersion: `${group}/v1`,
    kind: "RoleBinding",
    metadata,
    roleRef: { apiGroup: group, kind: "Role", name: metadata.name },
    subjects: [subject],
  };
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: [role, binding] });
}
