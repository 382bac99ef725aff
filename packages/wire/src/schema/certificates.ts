// certificates.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import { bytesLength, list, message, one, string, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface CertificateSigningRequestSpec {
  readonly signerName: string;
}

const certificateSigningRequestSpec: Message<CertificateSigningRequestSpec> =
  message<CertificateSigningRequestSpec>("CertificateSigningRequestSpec", {
    signerName: string(7),
  });

export interface CertificateSigningRequestCondition {
  readonly type: string;
}

const certificateSigningRequestCondition: Message<CertificateSigningRequestCondition> =
  message<CertificateSigningRequestCondition>("CertificateSigningRequestCondition", {
    type: string(1),
  });

interface CertificateSigningRequestStatus {
  readonly conditions: readonly CertificateSigningRequestCondition[];
  readonly certificate: number;
}

const certificateSigningRequestStatus: Message<CertificateSigningRequestStatus> =
  message<CertificateSigningRequestStatus>("CertificateSigningRequestStatus", {
    conditions: list(1, certificateSigningRequestCondition),
    certificate: bytesLength(2),
  });

export interface CertificateSigningRequest {
  readonly metadata: ObjectMeta;
  readonly spec: CertificateSigningRequestSpec;
  readonly status: CertificateSigningRequestStatus;
}

export const certificateSigningRequest: Message<CertificateSigningRequest> =
  message<CertificateSigningRequest>("CertificateSigningRequest", {
    metadata: one(1, objectMeta),
    spec: one(2, certificateSigningRequestSpec),
    status: one(3, certificateSigningRequestStatus),
  });
