import { namespace, type Namespace, type NamespaceCondition } from "@kube-state-mosaic/wire";
import { familiesOf, oneOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { conditions } from "../parts/conditions.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<Namespace>();

export const namespaces: Resource<Namespace> = {
  name: "namespaces",
  kind: "Namespace",
  group: "",
  version: "v1",
  path: "/api/v1/namespaces",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: namespace,
  identity: { namespace: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_namespace_created", "Time the namespace was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_namespace_annotations", "Allow-listed annotations of the namespace.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_namespace_labels", "Allow-listed labels of the namespace.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_namespace_status_phase", "Phase of the namespace.", {
      stability: "STABLE",
      ...oneOf("phase", ["Active", "Terminating"], ({ status }: Namespace) => status.phase),
    }),
    gauge("kube_namespace_status_condition", "Conditions of the namespace.", {
      ...conditions<Namespace, NamespaceCondition>(({ status }) => status.conditions),
    }),
  ],
};
