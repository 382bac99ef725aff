import { mutatingAdmissionPolicy, type MutatingAdmissionPolicy } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { policyLabels } from "../parts/admission-policy.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<MutatingAdmissionPolicy>();

export const mutatingadmissionpolicies: Resource<MutatingAdmissionPolicy> = {
  name: "mutatingadmissionpolicies",
  kind: "MutatingAdmissionPolicy",
  group: "admissionregistration.k8s.io",
  version: "v1",
  path: "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: mutatingAdmissionPolicy,
  identity: {
    // Always empty for an object of the cluster; there for compatibility.
    namespace: ({ metadata }) => metadata.namespace,
    mutatingadmissionpolicy: ({ metadata }) => metadata.name,
  },
  families: () => [
    info(
      "kube_mutatingadmissionpolicy_info",
      "Parameters of the policy, and what it does when it fails.",
      {
        labels: {
          ...policyLabels,
          reinvocation_policy: ({ spec }: MutatingAdmissionPolicy) => spec.reinvocationPolicy,
        },
      },
    ),
    gauge("kube_mutatingadmissionpolicy_created", "Time the policy was created, in Unix seconds.", {
      ...created,
    }),
  ],
};
