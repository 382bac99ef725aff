// Hashes of a UID
export type { Hash, HashName, HashValue } from "./hash.ts";
export { hashNamed, slotCount, slotOf } from "./slot.ts";
export { jump, jumpDeparture } from "./jump.ts";

// Who owns an object
export { jumpOwnership, slotOwnership, type Ownership, type SlotTable } from "./ownership.ts";
