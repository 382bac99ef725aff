import {
  mutatingAdmissionPolicyBinding,
  type MutatingAdmissionPolicyBinding,
} from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { policyBindingLabels } from "../parts/admission-policy.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<MutatingAdmissionPolicyBinding>();

export const mutatingadmissionpolicybindings: Resource<MutatingAdmissionPolicyBinding> = {
  name: "mutatingadmissionpolicybindings",
  kind: "MutatingAdmissionPolicyBinding",
  group: "admissionregistration.k8s.io",
  version: "v1",
  path: "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: mutatingAdmissionPolicyBinding,
  identity: {
    // Always empty for an object of the cluster; there for compatibility.
    namespace: ({ metadata }) => metadata.namespace,
    mutatingadmissionpolicybinding: ({ metadata }) => metadata.name,
  },
  families: () => [
    info("kube_mutatingadmissionpolicybinding_info", "Policy that is bound, and its parameters.", {
      labels: policyBindingLabels,
    }),
    gauge(
      "kube_mutatingadmissionpolicybinding_created",
      "Time the binding was created, in Unix seconds.",
      { ...created },
    ),
  ],
};
