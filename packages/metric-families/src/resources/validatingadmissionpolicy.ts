import { validatingAdmissionPolicy, type ValidatingAdmissionPolicy } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { policyLabels } from "../parts/admission-policy.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ValidatingAdmissionPolicy>();

export const validatingadmissionpolicies: Resource<ValidatingAdmissionPolicy> = {
  name: "validatingadmissionpolicies",
  kind: "ValidatingAdmissionPolicy",
  group: "admissionregistration.k8s.io",
  version: "v1",
  path: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: validatingAdmissionPolicy,
  identity: {
    // Always empty for an object of the cluster; there for compatibility.
    namespace: ({ metadata }) => metadata.namespace,
    validatingadmissionpolicy: ({ metadata }) => metadata.name,
  },
  families: () => [
    info(
      "kube_validatingadmissionpolicy_info",
      "Parameters of the policy, and what it does when it fails.",
      { labels: policyLabels },
    ),
    gauge(
      "kube_validatingadmissionpolicy_created",
      "Time the policy was created, in Unix seconds.",
      { ...created },
    ),
  ],
};
