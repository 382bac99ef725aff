import { createHash } from "node:crypto";
import { ExporterError } from "@kube-state-mosaic/errors";
import { memberLimit } from "./slot-table.ts";
import { slotCount } from "./slot.ts";

/**
 * Who owns which slot in one epoch, written out: a worker obeys `slots` and never computes them, so images with other tables
 * cannot disagree. Two layouts of one epoch have the same digest.
 */
export interface Layout {
  /** From 1 on; never used again for another layout. */
  readonly epoch: number;
  /** The hash of the UID whose top 10 bits are the slot; possibly one that this image does not know. */
  readonly hash: string;
  /** The rules that made `slots`. */
  readonly table: string;
  /** The ordinal of each index. */
  readonly members: readonly string[];
  /** Slot → index, 1,024 bytes. */
  readonly slots: Uint8Array;
  /** 16 hexadecimal digits over all fields above. */
  readonly digest: string;
}

/** A layout that is in force from `activateAt` on: Unix time in milliseconds, by the clock of whoever asks. */
export interface ActiveLayout extends Layout {
  readonly activateAt: number;
}

/** A layout that is being prepared. `createdAt` is Unix time in milliseconds, for display only. */
export interface PendingLayout extends Layout {
  readonly createdAt: number;
}

/** Makes a layout of checked parts. Throws `LAYOUT_INVALID` naming the part that is not usable. */
export function makeLayout(parts: Omit<Layout, "digest">): Layout {
  const { epoch, hash, table, members, slots } = parts;
  if (!Number.isSafeInteger(epoch) || epoch < 1) throw invalid("epoch", `${epoch} is no epoch`);
  if (hash === "" || table === "") throw invalid("hash", "hash and table need a name");
  checkMembers(members);
  if (slots.length !== slotCount) throw invalid("slots", `${slots.length} slots, not ${slotCount}`);
  const stranger = slots.find((index) => index >= members.length);
  if (stranger !== undefined) throw invalid("slots", `a slot belongs to index ${stranger}`);
  return { epoch, hash, table, members, slots, digest: digestOf(parts) };
}

/** The index of a member in a layout, -1 if it is none. */
export function indexOf(layout: Layout, ordinal: string): number {
  return layout.members.indexOf(ordinal);
}

/** One byte for each slot: 1 where `ordinal` owns it in `layout`; all 0 for a member of none. */
export function ownedSlots(layout: Layout | undefined, ordinal: string): Uint8Array {
  const owned = new Uint8Array(slotCount);
  const index = layout === undefined ? -1 : indexOf(layout, ordinal);
  if (layout === undefined || index < 0) return owned;
  for (let slot = 0; slot < slotCount; slot++) if (layout.slots[slot] === index) owned[slot] = 1;
  return owned;
}

/**
 * One byte for each slot: 1 where `ordinal` owns it in `to` but not in `from`. The lost slots are those with the layouts
 * exchanged. Members are compared by ordinal, since an index may mean another member in another layout.
 */
export function gainedSlots(from: Layout | undefined, to: Layout, ordinal: string): Uint8Array {
  const before = ownedSlots(from, ordinal);
  const gained = ownedSlots(to, ordinal);
  for (let slot = 0; slot < slotCount; slot++) if (before[slot] === 1) gained[slot] = 0;
  return gained;
}

/** The error of anything that is no usable layout; `part` names the field. */
export function invalid(part: string, reason: string): ExporterError {
  return new ExporterError(
    "LAYOUT_INVALID",
    `the layout is not used, and the last one is kept: ${part}: ${reason}`,
    { context: { part } },
  );
}

/** Throws `LAYOUT_INVALID` unless these are 1 to 255 members with names of their own. */
export function checkMembers(members: readonly string[]): void {
  if (members.length < 1 || members.length > memberLimit)
    throw invalid("members", `${members.length} members; there can be 1 to ${memberLimit}`);
  if (new Set(members).size < members.length) throw invalid("members", "a member is named twice");
  if (members.includes("")) throw invalid("members", "a member has no name");
}

function digestOf({ epoch, hash, table, members, slots }: Omit<Layout, "digest">): string {
  const facts = JSON.stringify([epoch, hash, table, members]);
  return createHash("sha256").update(facts).update(slots).digest("hex").slice(0, 16);
}
