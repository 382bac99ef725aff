import { networkPolicy, type NetworkPolicy } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { zeroTime } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<NetworkPolicy>();

export const networkpolicies: Resource<NetworkPolicy> = {
  name: "networkpolicies",
  kind: "NetworkPolicy",
  group: "networking.k8s.io",
  version: "v1",
  path: "/apis/networking.k8s.io/v1/networkpolicies",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: networkPolicy,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    networkpolicy: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    // The only creation time with a sample even when it is unset: kept for compatibility.
    gauge("kube_networkpolicy_created", "Time the policy was created, in Unix seconds.", {
      value: ({ metadata }) => metadata.creationTimestamp ?? zeroTime,
    }),
    gauge("kube_networkpolicy_annotations", "Allow-listed annotations of the policy.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_networkpolicy_labels", "Allow-listed labels of the policy.", {
      ...labels(labelsAllowList),
    }),
    gauge("kube_networkpolicy_spec_ingress_rules", "Number of rules for incoming traffic.", {
      value: ({ spec }) => spec.ingress.length,
    }),
    gauge("kube_networkpolicy_spec_egress_rules", "Number of rules for outgoing traffic.", {
      value: ({ spec }) => spec.egress.length,
    }),
  ],
};
