import { checkMembers, makeLayout, type Layout } from "./layout.ts";
import { plainSlots, resizeSlots, slotTableName } from "./slot-table.ts";

/** The first layout of all. Throws `LAYOUT_INVALID`. */
export function firstLayout(epoch: number, members: readonly string[], hash: string): Layout {
  checkMembers(members);
  return makeLayout({
    epoch,
    hash,
    table: slotTableName,
    members,
    slots: plainSlots(members.length),
  });
}

/**
 * The layout for other members, made from the table of `active`: a survivor keeps its index, as far as that is below the new
 * number of members, and newcomers take what is free, in order. Slots move only between leavers and newcomers, and as needed for
 * balance. Deterministic: planners that read the same state write the same layout. Throws `LAYOUT_INVALID`.
 */
export function nextLayout(active: Layout, epoch: number, desired: readonly string[]): Layout {
  checkMembers(desired);
  const members = seat(active.members, desired);
  const slots = resizeSlots(reindex(active, members), active.members.length, members.length);
  return makeLayout({ epoch, hash: active.hash, table: active.table, members, slots });
}

/** Whether a layout has exactly these members, in whatever order. */
export function hasMembers(layout: Layout, members: readonly string[]): boolean {
  return (
    layout.members.length === members.length &&
    members.every((member) => layout.members.includes(member))
  );
}

function seat(before: readonly string[], desired: readonly string[]): string[] {
  const seats: (string | undefined)[] = desired.map((_, index) => {
    const member = before[index];
    return member !== undefined && desired.includes(member) ? member : undefined;
  });
  const displaced = before.slice(desired.length).filter((member) => desired.includes(member));
  const waiting = [...displaced, ...desired.filter((member) => !before.includes(member))];
  return seats.map((member) => member ?? waiting.shift() ?? "");
}

/** The old table in the new indexes. Leavers whose index was given away get one from the number of new members on. */
function reindex(active: Layout, members: readonly string[]): Uint8Array {
  const target = active.members.map((_, index) => index);
  for (let index = 0; index < active.members.length; index++) {
    const member = active.members[index];
    const seated = member === undefined ? -1 : members.indexOf(member);
    if (seated < 0 || seated === index) continue;
    // Two members exchange their indexes: the one that is displaced, and the leaver in whose place it comes.
    target[index] = seated;
    target[seated] = index;
  }
  return active.slots.map((index) => target[index] ?? index);
}
