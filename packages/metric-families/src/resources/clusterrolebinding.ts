import { clusterRoleBinding, type ClusterRoleBinding } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import { roleRef } from "../parts/role-ref.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ClusterRoleBinding>();

export const clusterrolebindings: Resource<ClusterRoleBinding> = {
  name: "clusterrolebindings",
  kind: "ClusterRoleBinding",
  group: "rbac.authorization.k8s.io",
  version: "v1",
  path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  namespaced: false,
  enabledByDefault: false,
  reads: "full",
  schema: clusterRoleBinding,
  identity: { clusterrolebinding: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge(
      "kube_clusterrolebinding_annotations",
      "Allow-listed annotations of the cluster role binding.",
      { ...annotations(annotationsAllowList) },
    ),
    gauge("kube_clusterrolebinding_labels", "Allow-listed labels of the cluster role binding.", {
      ...labels(labelsAllowList),
    }),
    info("kube_clusterrolebinding_info", "Role that the cluster role binding grants.", {
      ...roleRef,
    }),
    gauge(
      "kube_clusterrolebinding_created",
      "Time the cluster role binding was created, in Unix seconds.",
      { ...created },
    ),
    gauge(
      "kube_clusterrolebinding_metadata_resource_version",
      "Resource version of the cluster role binding.",
      { ...resourceVersion },
    ),
  ],
};
