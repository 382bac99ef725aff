import { roleBinding, type RoleBinding } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import { roleRef } from "../parts/role-ref.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<RoleBinding>();

export const rolebindings: Resource<RoleBinding> = {
  name: "rolebindings",
  kind: "RoleBinding",
  group: "rbac.authorization.k8s.io",
  version: "v1",
  path: "/apis/rbac.authorization.k8s.io/v1/rolebindings",
  namespaced: true,
  enabledByDefault: false,
  reads: "full",
  schema: roleBinding,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    rolebinding: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_rolebinding_annotations", "Allow-listed annotations of the role binding.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_rolebinding_labels", "Allow-listed labels of the role binding.", {
      ...labels(labelsAllowList),
    }),
    info("kube_rolebinding_info", "Role that the role binding grants.", { ...roleRef }),
    gauge("kube_rolebinding_created", "Time the role binding was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_rolebinding_metadata_resource_version", "Resource version of the role binding.", {
      ...resourceVersion,
    }),
  ],
};
