import {
  escapeLabelValue,
  familyHeader,
  formatValue,
  type ExpositionFormat,
} from "@kube-state-mosaic/exposition";
import type { Cycle } from "./cycle.ts";
import type { Proof } from "./completeness.ts";

type Sample = readonly [labels: string, value: number];

/**
 * What an answer says about itself: which layout it is of, how many shards are in it and how old the oldest is, and for each resource that
 * `selects` accepts whether the union is proven whole. Whole families, without end marker.
 */
export function selfSamples(
  cycle: Cycle,
  format: ExpositionFormat,
  selects: (resource: string) => boolean,
): string {
  const { epoch, shards, proofs } = cycle;
  const chosen = proofs.filter(({ resource }) => selects(resource)).toSorted(byResource);
  const age = shards.reduce((oldest, shard) => Math.max(oldest, shard.age), 0);
  const resourceLabel = (resource: string): string => `{resource="${escapeLabelValue(resource)}"}`;
  const family = (name: string, help: string, samples: readonly Sample[]): string =>
    samples.length === 0
      ? ""
      : familyHeader({ name, help, type: "gauge" }, format) +
        samples.map(([labels, value]) => `${name}${labels} ${formatValue(value)}\n`).join("");
  return [
    family(
      "kube_state_mosaic_epoch",
      "Number of the layout of the shards that this answer is of.",
      [["", epoch]],
    ),
    family("kube_state_mosaic_shards_expected", "Shards that the layout has.", [
      ["", shards.length],
    ]),
    family("kube_state_mosaic_shards_present", "Shards that answered now.", [
      ["", shards.filter(({ state }) => state === "live").length],
    ]),
    family(
      "kube_state_mosaic_oldest_manifest_age_seconds",
      "Age of the oldest shard state in this answer.",
      [["", round(age)]],
    ),
    family(
      "kube_state_mosaic_complete",
      "Whether the objects of the resource are proven to be all in this answer, each once; the reason where not.",
      chosen.map(({ resource, complete, reason }) => [
        `{resource="${escapeLabelValue(resource)}",reason="${reason}"}`,
        Number(complete),
      ]),
    ),
    family(
      "kube_state_mosaic_verified_age_seconds",
      "Time since the objects of the resource were last proven to be complete.",
      chosen.flatMap(({ resource, verifiedAge }): Sample[] =>
        verifiedAge === undefined ? [] : [[resourceLabel(resource), round(verifiedAge)]],
      ),
    ),
    family(
      "kube_state_mosaic_objects",
      "Objects of the resource in this answer.",
      chosen.map(({ resource, objects }): Sample => [resourceLabel(resource), objects]),
    ),
  ].join("");
}

function byResource(a: Proof, b: Proof): number {
  return a.resource < b.resource ? -1 : 1;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
