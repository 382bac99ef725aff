import { stringify } from "yaml";
import type { Permissions, Rule } from "./rules.ts";

const apiVersion = "rbac.authorization.k8s.io/v1";
const name = "kube-state-metrics";

/** ClusterRole, Roles and their bindings to the ServiceAccount as YAML documents; a role without rules is left out. */
export function rbacManifest(permissions: Permissions, serviceAccountNamespace: string): string {
  const subjects = [{ kind: "ServiceAccount", name, namespace: serviceAccountNamespace }];
  const pair = (
    kind: "Role" | "ClusterRole",
    metadata: object,
    rules: readonly Rule[],
  ): readonly object[] => {
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name };
    return [
      { apiVersion, kind, metadata, rules },
      { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
    ];
  };
  const { cluster, namespaces } = permissions;
  const documents = [
    ...(cluster.length > 0 ? pair("ClusterRole", { name }, cluster) : []),
    ...[...namespaces].flatMap(([namespace, rules]) => pair("Role", { name, namespace }, rules)),
  ];
  // Anchors for what is repeated would be hard to read.
  const text = documents.map((document) => stringify(document, { aliasDuplicateObjects: false }));
  return text.join("---\n");
}
