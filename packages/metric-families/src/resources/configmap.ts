import { configMap, type ConfigMap } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ConfigMap>();

export const configmaps: Resource<ConfigMap> = {
  name: "configmaps",
  kind: "ConfigMap",
  group: "",
  version: "v1",
  path: "/api/v1/configmaps",
  namespaced: true,
  enabledByDefault: true,
  reads: "metadata",
  schema: configMap,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    configmap: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_configmap_annotations", "Allow-listed annotations of the config map.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_configmap_labels", "Allow-listed labels of the config map.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    info("kube_configmap_info", "The config map exists.", { stability: "STABLE" }),
    gauge("kube_configmap_created", "Time the config map was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_configmap_metadata_resource_version", "Resource version as a number.", {
      ...resourceVersion,
    }),
  ],
};
