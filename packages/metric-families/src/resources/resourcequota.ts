import { resourceQuota, type ResourceQuota } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { byName } from "../parts/by-name.ts";
import { created } from "../parts/metadata.ts";
import { milliPrecise } from "../quantity.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<ResourceQuota>();

export const resourcequotas: Resource<ResourceQuota> = {
  name: "resourcequotas",
  kind: "ResourceQuota",
  group: "",
  version: "v1",
  path: "/api/v1/resourcequotas",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: resourceQuota,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    resourcequota: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_resourcequota_created", "Time the quota was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_resourcequota", "Limits of the quota and how much of them is used.", {
      stability: "STABLE",
      rows: amountsOf,
      labels: { resource: ({ resource }) => resource, type: ({ type }) => type },
      value: ({ quantity }) => milliPrecise(quantity),
    }),
    gauge("kube_resourcequota_annotations", "Allow-listed annotations of the quota.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_resourcequota_labels", "Allow-listed labels of the quota.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
  ],
};

interface Amount {
  readonly resource: string;
  readonly type: "hard" | "used";
  readonly quantity: string;
}

function amountsOf({ status }: ResourceQuota): readonly Amount[] {
  const amounts: Amount[] = [];
  for (const type of ["hard", "used"] as const)
    for (const [resource, quantity] of byName(status[type]))
      amounts.push({ resource, type, quantity });
  return amounts;
}
