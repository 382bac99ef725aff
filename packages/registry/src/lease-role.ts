/** Of the StatefulSet whose pods share Leases. */
export interface RoleSubject {
  readonly namespace: string;
  readonly statefulset: string;
  /** Default: named like the StatefulSet. */
  readonly serviceAccount?: string;
}

/** The Role and its binding that coordinated workers need in their own namespace, as YAML to apply. */
export function leaseRole({ namespace, statefulset, serviceAccount }: RoleSubject): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ${statefulset}-registry
  namespace: ${namespace}
rules:
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, list, watch, create, update, delete]
  - apiGroups: [apps]
    resources: [statefulsets]
    verbs: [get, list, watch]
  - apiGroups: [""]
    resources: [pods]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: ${statefulset}-registry
  namespace: ${namespace}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: ${statefulset}-registry
subjects:
  - kind: ServiceAccount
    name: ${serviceAccount ?? statefulset}
    namespace: ${namespace}
`;
}
