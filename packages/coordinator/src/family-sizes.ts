import type { Block } from "@kube-state-mosaic/store";
import { setImmediate } from "node:timers/promises";
import { constants, inflateRawSync } from "node:zlib";
import { answersOf, type Cycle } from "./cycle.ts";

export interface FamilySize {
  readonly name: string;
  /** Bytes. */
  readonly text: number;
  readonly deflated: number;
  readonly samples: number;
}

export interface ExpositionSizes {
  readonly text: number;
  readonly deflated: number;
  /** The largest families by text. */
  readonly largest: readonly FamilySize[];
}

const mostFamilies = 12;
const sliceMs = 5;
/** Lines of a block; blocks never change. */
const lines = new WeakMap<Block, number>();
const known = new WeakMap<Cycle, Promise<ExpositionSizes>>();

/** Sizes of a cycle's answer; made once for all who look at it, in slices of 5 ms. */
export function expositionSizes(cycle: Cycle): Promise<ExpositionSizes> {
  let sizes = known.get(cycle);
  if (sizes === undefined) known.set(cycle, (sizes = measure(cycle)));
  return sizes;
}

async function measure(cycle: Cycle): Promise<ExpositionSizes> {
  const families = new Map<string, Block[]>();
  for (const { manifest, families: lists } of answersOf(cycle)) {
    let at = 0;
    for (const { families: headers } of manifest.resources)
      for (const { name } of headers) {
        const blocks = families.get(name) ?? [];
        families.set(name, blocks);
        for (const block of lists[at++] ?? []) blocks.push(block);
      }
  }
  const all = [...families].map(([name, blocks]) => ({ name, blocks, ...bytesOf(blocks) }));
  const largest: FamilySize[] = [];
  for (const { name, blocks, text, deflated } of all
    .toSorted((a, b) => b.text - a.text)
    .slice(0, mostFamilies))
    largest.push({ name, text, deflated, samples: await countLines(blocks) });
  return {
    text: all.reduce((sum, { text }) => sum + text, 0),
    deflated: all.reduce((sum, { deflated }) => sum + deflated, 0),
    largest,
  };
}

export function bytesOf(blocks: Iterable<Block>): {
  readonly text: number;
  readonly deflated: number;
} {
  let text = 0;
  let deflated = 0;
  for (const block of blocks) {
    text += block.length;
    deflated += block.deflated().length;
  }
  return { text, deflated };
}

async function countLines(blocks: readonly Block[]): Promise<number> {
  let total = 0;
  let end = performance.now() + sliceMs;
  for (const block of blocks) {
    let count = lines.get(block);
    if (count === undefined) {
      const text = inflateRawSync(block.deflated(), { finishFlush: constants.Z_SYNC_FLUSH });
      count = 0;
      for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) count++;
      lines.set(block, count);
    }
    total += count;
    if (performance.now() < end) continue;
    await setImmediate();
    end = performance.now() + sliceMs;
  }
  return total;
}
