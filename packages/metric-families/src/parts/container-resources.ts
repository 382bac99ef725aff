import type { Container, Pod } from "@kube-state-mosaic/wire";
import { milliPrecise, whole } from "../quantity.ts";
import { resourceLabels } from "../resource-name.ts";

interface ContainerResource {
  readonly container: string;
  readonly resource: string;
  readonly unit: string;
  readonly amount: number | undefined;
}

/** One row per container and resource. Cores keep milli precision, everything else is rounded up to whole numbers. */
export function containerResources(
  containersOf: (pod: Pod) => readonly Container[],
  amountsOf: (container: Container) => ReadonlyMap<string, string>,
): {
  rows: (pod: Pod) => readonly ContainerResource[];
  labels: Readonly<Record<string, (row: ContainerResource, pod: Pod) => string>>;
  value: (row: ContainerResource) => number | undefined;
} {
  return {
    rows: (pod) => {
      const rows: ContainerResource[] = [];
      for (const container of containersOf(pod)) {
        for (const [name, quantity] of amountsOf(container)) {
          for (const { resource, unit } of resourceLabels(name)) {
            const amount = unit === "core" ? milliPrecise(quantity) : whole(quantity);
            rows.push({ container: container.name, resource, unit, amount });
          }
        }
      }
      return rows;
    },
    labels: {
      container: ({ container }) => container,
      node: (_, { spec }) => spec.nodeName,
      resource: ({ resource }) => resource,
      unit: ({ unit }) => unit,
    },
    value: ({ amount }) => amount,
  };
}
