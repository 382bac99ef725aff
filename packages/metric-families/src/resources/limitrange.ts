import { limitRange, type LimitRange } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { byName } from "../parts/by-name.ts";
import { created } from "../parts/metadata.ts";
import { milliPrecise } from "../quantity.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<LimitRange>();

const perConstraint = {
  rows: constraintsOf,
  labels: {
    resource: ({ resource }: Constraint) => resource,
    type: ({ type }: Constraint) => type,
    constraint: ({ constraint }: Constraint) => constraint,
  },
};

export const limitranges: Resource<LimitRange> = {
  name: "limitranges",
  kind: "LimitRange",
  group: "",
  version: "v1",
  path: "/api/v1/limitranges",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: limitRange,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    limitrange: ({ metadata }) => metadata.name,
  },
  families: () => [
    gauge("kube_limitrange", "Constraints on the resources of single objects.", {
      stability: "STABLE",
      ...perConstraint,
      value: ({ quantity }) => milliPrecise(quantity),
    }),
    gauge("kube_limitrange_created", "Time the limit range was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
  ],
};

/** Fields of a limit, which are label values as well, in the order of the samples. */
const constraintNames = [
  "min",
  "max",
  "default",
  "defaultRequest",
  "maxLimitRequestRatio",
] as const;

interface Constraint {
  readonly resource: string;
  readonly type: string;
  readonly constraint: string;
  readonly quantity: string;
}

function constraintsOf({ spec }: LimitRange): readonly Constraint[] {
  const constraints: Constraint[] = [];
  for (const limit of spec.limits)
    for (const constraint of constraintNames)
      for (const [resource, quantity] of byName(limit[constraint]))
        constraints.push({ resource, type: limit.type, constraint, quantity });
  return constraints;
}
