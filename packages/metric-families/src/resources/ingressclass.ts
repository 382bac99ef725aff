import { ingressClass, type IngressClass } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<IngressClass>();

export const ingressclasses: Resource<IngressClass> = {
  name: "ingressclasses",
  kind: "IngressClass",
  group: "networking.k8s.io",
  version: "v1",
  path: "/apis/networking.k8s.io/v1/ingressclasses",
  namespaced: false,
  enabledByDefault: false,
  reads: "full",
  schema: ingressClass,
  identity: { ingressclass: ({ metadata }) => metadata.name },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_ingressclass_info", "Controller that serves the ingress class.", {
      labels: { controller: ({ spec }) => spec.controller },
    }),
    gauge("kube_ingressclass_created", "Time the ingress class was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_ingressclass_annotations", "Allow-listed annotations of the ingress class.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_ingressclass_labels", "Allow-listed labels of the ingress class.", {
      ...labels(labelsAllowList),
    }),
  ],
};
