import { clusterRole, type ClusterRole } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ClusterRole>();

export const clusterroles: Resource<ClusterRole> = {
  name: "clusterroles",
  kind: "ClusterRole",
  group: "rbac.authorization.k8s.io",
  version: "v1",
  path: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  namespaced: false,
  enabledByDefault: false,
  reads: "metadata",
  schema: clusterRole,
  identity: { clusterrole: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_clusterrole_annotations", "Allow-listed annotations of the cluster role.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_clusterrole_labels", "Allow-listed labels of the cluster role.", {
      ...labels(labelsAllowList),
    }),
    info("kube_clusterrole_info", "Cluster roles that exist.", {}),
    gauge("kube_clusterrole_created", "Time the cluster role was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_clusterrole_metadata_resource_version", "Resource version of the cluster role.", {
      ...resourceVersion,
    }),
  ],
};
