import {
  compareBytes,
  endOfOpenMetrics,
  familyHeader,
  type ExpositionFormat,
  type HeaderFields,
} from "@kube-state-mosaic/exposition";
import type { BlockAnswer, ManifestResource } from "./block-protocol.ts";
import type { Block, Piece } from "./contract.ts";

/** What of an answer makes an exposition. */
export interface MergeSource {
  readonly manifest: { readonly resources: readonly ManifestResource[] };
  readonly families: BlockAnswer["families"];
}

interface MergedFamily {
  readonly header: HeaderFields;
  readonly blocks: Block[];
}

interface MergedResource {
  rows: number;
  readonly families: Map<string, MergedFamily>;
}

/**
 * One exposition of all the answers' selected resources: resources by name, families in definition order, shards in the order given.
 * A family has one header; a resource without any row has none (rendering.md §8 of the reference's behaviour).
 * The same answers give the same pieces.
 */
export function mergeAnswers(
  answers: readonly MergeSource[],
  format: ExpositionFormat,
  selects: (resource: string) => boolean,
): Piece[] {
  const resources = new Map<string, MergedResource>();
  for (const answer of answers) collect(answer, resources, selects);
  const pieces: Piece[] = [];
  const named = new Set<string>();
  for (const name of [...resources.keys()].toSorted(compareBytes)) {
    const resource = resources.get(name);
    for (const { header, blocks } of resource?.families.values() ?? []) {
      const first = !named.has(header.name);
      named.add(header.name);
      if (resource?.rows === 0) continue;
      if (first) pieces.push(Buffer.from(familyHeader(header, format)));
      pieces.push(...blocks);
    }
  }
  if (format === "openmetrics") pieces.push(Buffer.from(endOfOpenMetrics));
  return pieces;
}

function collect(
  { manifest, families }: MergeSource,
  resources: Map<string, MergedResource>,
  selects: (resource: string) => boolean,
): void {
  let index = 0;
  for (const { name, rows, families: headers } of manifest.resources) {
    const merged = resources.get(name) ?? { rows: 0, families: new Map<string, MergedFamily>() };
    if (selects(name)) resources.set(name, merged);
    merged.rows += rows;
    for (const header of headers) {
      const blocks = families[index++] ?? [];
      const family = merged.families.get(header.name);
      if (family === undefined) merged.families.set(header.name, { header, blocks: [...blocks] });
      else for (const block of blocks) family.blocks.push(block);
    }
  }
}
