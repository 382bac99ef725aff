// Hashes of a UID
export { isHashName, type Hash, type HashName, type HashValue } from "./hash.ts";
export { hashNamed, slotCount, slotOf } from "./slot.ts";
export { jump, jumpDeparture } from "./jump.ts";

// Who owns an object
export { jumpOwnership, slotOwnership, type Ownership, type SlotTable } from "./ownership.ts";
export { departureClasses, memberLimit, plainSlots, slotTableName } from "./slot-table.ts";
export { shardSelector, slotSelector } from "./shard-selector.ts";

// Layouts
export {
  gainedSlots,
  indexOf,
  makeLayout,
  ownedSlots,
  type ActiveLayout,
  type Layout,
  type PendingLayout,
} from "./layout.ts";
export {
  parseLayoutState,
  serialiseLayoutState,
  type LayoutSource,
  type LayoutState,
} from "./layout-state.ts";
export { firstLayout, hasMembers, nextLayout } from "./next-layout.ts";
