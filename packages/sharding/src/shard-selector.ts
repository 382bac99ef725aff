import { ownedSlots, type Layout } from "./layout.ts";
import { slotCount } from "./slot.ts";

/**
 * The API server's `shardSelector` for what a member owns, in the canonical form that a list echoes. Undefined where the server
 * cannot be told: another hash than FNV-1a, no slots, or all of them.
 */
export function shardSelector(layout: Layout, index: number): string | undefined {
  const ordinal = layout.members[index];
  if (ordinal === undefined) return undefined;
  return slotSelector(layout.hash, ownedSlots(layout, ordinal));
}

/** The same for any set of slots, given as one byte for each: 1 for those that are in it. */
export function slotSelector(hash: string, slots: Uint8Array): string | undefined {
  if (hash !== "fnv1a64") return undefined;
  const ranges = rangesOf(slots);
  if (ranges.length === 0 || slots.every((owned) => owned === 1)) return undefined;
  return ranges
    .map(([start, end]) => `shardRange(object.metadata.uid, '${bound(start)}', '${bound(end)}')`)
    .join(" || ");
}

/** Maximal runs, `[start, end)` in slots. */
function rangesOf(slots: Uint8Array): [number, number][] {
  const ranges: [number, number][] = [];
  for (let slot = 0; slot < slotCount; slot++) {
    if (slots[slot] !== 1) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === slot) last[1] = slot + 1;
    else ranges.push([slot, slot + 1]);
  }
  return ranges;
}

/** A slot is the top 10 bits, so its first hash is slot × 2^54; the end of the last one is 2^64, with 17 digits. */
function bound(slot: number): string {
  return `0x${(BigInt(slot) << 54n).toString(16).padStart(16, "0")}`;
}
