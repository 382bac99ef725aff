import { role, type Role } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Role>();

export const roles: Resource<Role> = {
  name: "roles",
  kind: "Role",
  group: "rbac.authorization.k8s.io",
  version: "v1",
  path: "/apis/rbac.authorization.k8s.io/v1/roles",
  namespaced: true,
  enabledByDefault: false,
  reads: "metadata",
  schema: role,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    role: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_role_annotations", "Allow-listed annotations of the role.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_role_labels", "Allow-listed labels of the role.", {
      ...labels(labelsAllowList),
    }),
    info("kube_role_info", "Roles that exist.", {}),
    gauge("kube_role_created", "Time the role was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_role_metadata_resource_version", "Resource version of the role.", {
      ...resourceVersion,
    }),
  ],
};
