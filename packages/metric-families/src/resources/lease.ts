import { lease, type Lease } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { owners } from "../parts/owners.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<Lease>();

const perOwner = {
  rows: owners.rows,
  labels: {
    owner_kind: owners.labels.owner_kind,
    owner_name: owners.labels.owner_name,
    namespace: (_owner: unknown, { metadata }: Lease) => metadata.namespace,
    lease_holder: (_owner: unknown, { spec }: Lease) => spec.holderIdentity,
  },
};

export const leases: Resource<Lease> = {
  name: "leases",
  kind: "Lease",
  group: "coordination.k8s.io",
  version: "v1",
  path: "/apis/coordination.k8s.io/v1/leases",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: lease,
  // The namespace is an ordinary label here, after those of the owner.
  identity: { lease: ({ metadata }) => metadata.name },
  families: () => [
    gauge("kube_lease_owner", "Objects that own the lease, and who holds it.", {
      ...perOwner,
    }),
    gauge("kube_lease_renew_time", "Time the lease was renewed last, in Unix seconds.", {
      labels: { namespace: ({ metadata }) => metadata.namespace },
      value: ({ spec }) => wholeSeconds(spec.renewTime),
    }),
  ],
};

function wholeSeconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(time);
}
