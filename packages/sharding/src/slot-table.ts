import { slotCount } from "./slot.ts";

/** The rules below, as a layout names them. A table made by other rules is obeyed all the same: it is written out. */
export const slotTableName = "slots-v1";

/** A slot table stores an index in one byte. */
export const memberLimit = 255;

/**
 * The slot table for `members` members that were added one by one: slot → index, 1,024 bytes. Any two members differ by at most
 * one slot; the table of N + 1 is that of N with the slots of the newcomer taken out, so shrinking by it gives them back.
 * `members` is in `[1, 255]`.
 */
export function plainSlots(members: number): Uint8Array {
  for (let count = plain.length; count < members; count++)
    plain.push(grow(plain[count - 1] ?? new Uint8Array(slotCount), count));
  return Uint8Array.from(plain[members - 1] ?? []);
}

// Every table follows from the one before, and the first is all zero.
const plain: Uint8Array[] = [new Uint8Array(slotCount)];

/**
 * The table that leads from `slots`, used by members `[0, before)`, to one for members `[0, after)`. Growing moves slots to the
 * newcomers alone; shrinking moves those of the leavers alone. A plain table stays plain.
 */
export function resizeSlots(slots: Uint8Array, before: number, after: number): Uint8Array {
  if (isPlain(slots, before)) return plainSlots(after);
  let result: Uint8Array = Uint8Array.from(slots);
  for (let count = before; count < after; count++) result = grow(result, count);
  return after < before ? shrink(result, after) : result;
}

/**
 * For each slot of member `index` the smallest number of members, of the next `horizon` ones, at which it leaves that member; 0
 * where it stays longer and for slots of other members. Rows of one class leave together.
 */
export function departureClasses(
  layout: { readonly slots: Uint8Array; readonly members: readonly string[] },
  index: number,
  horizon: number = 8,
): Uint8Array {
  const classes = new Uint8Array(slotCount);
  const last = Math.min(layout.members.length + horizon, memberLimit);
  let { slots } = layout;
  for (let count = layout.members.length; count < last; count++) {
    const grown = resizeSlots(slots, count, count + 1);
    for (let slot = 0; slot < slotCount; slot++)
      if (slots[slot] === index && grown[slot] !== index) classes[slot] = count + 1;
    slots = grown;
  }
  return classes;
}

function isPlain(slots: Uint8Array, members: number): boolean {
  return members >= 1 && members <= memberLimit && Buffer.compare(slots, plainSlots(members)) === 0;
}

function countSlots(slots: Uint8Array, members: number): number[] {
  const counts = Array.from({ length: members }, () => 0);
  for (const owner of slots) if (owner < members) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}

/** One more member, index `members`: it takes its share from the largest ones, in pieces that tear few ranges apart. */
function grow(slots: Uint8Array, members: number): Uint8Array {
  const quota = Math.floor(slotCount / (members + 1));
  const counts = countSlots(slots, members);
  let level = 0;
  while (excess(counts, level + 1) >= quota) level++;
  // Each donor gives what it has above level + 1; some give one slot more, the first ones with a good place for it.
  const dues = counts.map((count) => Math.max(0, count - level - 1));
  const mayGiveOneMore = counts.map((count) => count > level);
  let spare = quota - excess(counts, level + 1);

  const result = Uint8Array.from(slots);
  for (let taken = 0; taken < quota;) {
    const limits = dues.map((due, owner) => due + (spare > 0 && mayGiveOneMore[owner] ? 1 : 0));
    const piece = bestPiece(result, limits, members);
    result.fill(members, piece.start, piece.end);
    const size = piece.end - piece.start;
    const due = dues[piece.owner] ?? 0;
    if (size > due) {
      spare--;
      mayGiveOneMore[piece.owner] = false;
    }
    dues[piece.owner] = Math.max(0, due - size);
    taken += size;
  }
  return result;
}

function excess(counts: readonly number[], level: number): number {
  return counts.reduce((sum, count) => sum + Math.max(0, count - level), 0);
}

interface Piece {
  /** `[start, end)`, in slots. */
  readonly start: number;
  readonly end: number;
  readonly owner: number;
}

/** The end of a range, at most its owner's limit long, that leaves the fewest ranges; of equal ones the longest, then the first. */
function bestPiece(slots: Uint8Array, limits: readonly number[], newcomer: number): Piece {
  let best: Piece = { start: 0, end: 0, owner: -1 };
  let bestScore = -1;
  const offer = (piece: Piece, whole: boolean): void => {
    const { start, end, owner } = piece;
    const score =
      (nextTo(slots[start - 1], newcomer) + nextTo(slots[end], newcomer)) * 4 +
      (whole ? 4 : 0) +
      // A neighbour that has to give as well can continue this piece.
      (gives(limits, slots[start - 1], owner) || gives(limits, slots[end], owner) ? 2 : 0) +
      (end - start) / slotCount;
    if (score <= bestScore) return;
    best = piece;
    bestScore = score;
  };
  for (let start = 0; start < slotCount;) {
    const owner = slots[start] ?? 0;
    let end = start + 1;
    while (end < slotCount && slots[end] === owner) end++;
    const size = Math.min(end - start, owner === newcomer ? 0 : (limits[owner] ?? 0));
    if (size > 0) {
      const whole = size === end - start;
      offer({ start, end: start + size, owner }, whole);
      if (!whole) offer({ start: end - size, end, owner }, false);
    }
    start = end;
  }
  return best;
}

function nextTo(neighbour: number | undefined, newcomer: number): number {
  return neighbour === newcomer ? 1 : 0;
}

function gives(limits: readonly number[], neighbour: number | undefined, owner: number): boolean {
  return neighbour !== undefined && neighbour !== owner && (limits[neighbour] ?? 0) > 0;
}

/** Slots of members from `members` on go to the smallest members; of equal ones to a neighbour of the slot, then to the first. */
function shrink(slots: Uint8Array, members: number): Uint8Array {
  const result = Uint8Array.from(slots);
  const counts = countSlots(slots, members);
  for (let slot = 0; slot < slotCount; slot++) {
    if ((slots[slot] ?? 0) < members) continue;
    const smallest = Math.min(...counts);
    const before = result[slot - 1] ?? members;
    const after = result[slot + 1] ?? members;
    const owner = [before, after].find((index) => counts[index] === smallest);
    result[slot] = owner ?? counts.indexOf(smallest);
    counts[result[slot] ?? 0] = smallest + 1;
  }
  return result;
}
