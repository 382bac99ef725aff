// coordination.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import { message, microTime, one, optional, string, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface LeaseSpec {
  readonly holderIdentity: string | undefined;
  readonly renewTime: number | undefined;
}

const leaseSpec: Message<LeaseSpec> = message<LeaseSpec>("LeaseSpec", {
  holderIdentity: optional(string(1)),
  renewTime: optional(microTime(4)),
});

export interface Lease {
  readonly metadata: ObjectMeta;
  readonly spec: LeaseSpec;
}

export const lease: Message<Lease> = message<Lease>("Lease", {
  metadata: one(1, objectMeta),
  spec: one(2, leaseSpec),
});
