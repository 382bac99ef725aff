import {
  validatingAdmissionPolicyBinding,
  type ValidatingAdmissionPolicyBinding,
} from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { policyBindingLabels } from "../parts/admission-policy.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ValidatingAdmissionPolicyBinding>();

export const validatingadmissionpolicybindings: Resource<ValidatingAdmissionPolicyBinding> = {
  name: "validatingadmissionpolicybindings",
  kind: "ValidatingAdmissionPolicyBinding",
  group: "admissionregistration.k8s.io",
  version: "v1",
  path: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: validatingAdmissionPolicyBinding,
  identity: {
    // Always empty for an object of the cluster; there for compatibility.
    namespace: ({ metadata }) => metadata.namespace,
    validatingadmissionpolicybinding: ({ metadata }) => metadata.name,
  },
  families: () => [
    info(
      "kube_validatingadmissionpolicybinding_info",
      "Policy that is bound, and its parameters.",
      { labels: policyBindingLabels },
    ),
    gauge(
      "kube_validatingadmissionpolicybinding_created",
      "Time the binding was created, in Unix seconds.",
      { ...created },
    ),
    gauge(
      "kube_validatingadmissionpolicybinding_validation_action",
      "What becomes of a request that the policy refuses.",
      {
        rows: ({ spec }) => spec.validationActions,
        labels: { action: (action) => action },
      },
    ),
  ],
};
