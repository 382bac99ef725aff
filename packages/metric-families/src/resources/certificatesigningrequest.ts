import { certificateSigningRequest, type CertificateSigningRequest } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<CertificateSigningRequest>();

const outcomes = [
  { condition: "approved", type: "Approved" },
  { condition: "denied", type: "Denied" },
  { condition: "failed", type: "Failed" },
] as const;

export const certificatesigningrequests: Resource<CertificateSigningRequest> = {
  name: "certificatesigningrequests",
  kind: "CertificateSigningRequest",
  group: "certificates.k8s.io",
  version: "v1",
  path: "/apis/certificates.k8s.io/v1/certificatesigningrequests",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: certificateSigningRequest,
  identity: {
    certificatesigningrequest: ({ metadata }) => metadata.name,
    signer_name: ({ spec }) => spec.signerName,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge(
      "kube_certificatesigningrequest_annotations",
      "Allow-listed annotations of the request.",
      { ...annotations(annotationsAllowList) },
    ),
    gauge("kube_certificatesigningrequest_labels", "Allow-listed labels of the request.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_certificatesigningrequest_created", "Time the request was made, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_certificatesigningrequest_condition", "Number of conditions of each outcome.", {
      stability: "STABLE",
      rows: () => outcomes,
      labels: { condition: ({ condition }) => condition },
      value: (outcome, { status }) =>
        status.conditions.filter(({ type }) => type === outcome.type).length,
    }),
    gauge("kube_certificatesigningrequest_cert_length", "Size of the certificate, in bytes.", {
      stability: "STABLE",
      value: ({ status }) => status.certificate,
    }),
  ],
};
