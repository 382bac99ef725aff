import { ExporterError } from "@kube-state-mosaic/errors";
import { fnv1a64 } from "./fnv1a64.ts";
import type { HashName } from "./hash.ts";
import { jump } from "./jump.ts";
import { hashNamed, slotCount, slotOf } from "./slot.ts";

/** Which objects are ours, decided on the bytes of their UID alone, before anything is decoded. */
export interface Ownership {
  /** Of the object whose UID is `bytes[start, end)`; an empty range is an object without UID. */
  owns(bytes: Uint8Array, start: number, end: number): boolean;
}

/**
 * The reference's assignment for `--shard` and `--total-shards`: its shards can be replaced one by one. One shard of one owns
 * everything. Throws `SHARD_INVALID` for numbers that would leave objects to nobody.
 */
export function jumpOwnership(shard: number, total: number): Ownership {
  checkShard(shard, total);
  if (total === 1) return { owns: () => true };
  const hash = fnv1a64();
  return { owns: (bytes, start, end) => jump(hash.of(bytes, start, end), total) === shard };
}

export interface SlotTable {
  readonly hash: HashName;
  /** The member that owns each of the 1,024 slots, as its index in the layout. */
  readonly owners: ArrayLike<number>;
}

/** The assignment of a layout: member `index` owns the objects whose slot is its own. Throws `SLOT_TABLE_INVALID`. */
export function slotOwnership(table: SlotTable, index: number): Ownership {
  const { length } = table.owners;
  if (length !== slotCount)
    throw new ExporterError(
      "SLOT_TABLE_INVALID",
      `the slot table has ${length} slots instead of ${slotCount}; the layout is not used`,
      { context: { slots: length } },
    );
  const own = Uint8Array.from(table.owners, (owner) => (owner === index ? 1 : 0));
  const hash = hashNamed(table.hash);
  return { owns: (bytes, start, end) => own[slotOf(hash.of(bytes, start, end))] === 1 };
}

function checkShard(shard: number, total: number): void {
  const reason = problemOf(shard, total);
  if (reason === undefined) return;
  throw new ExporterError(
    "SHARD_INVALID",
    `--shard=${shard} with --total-shards=${total}: ${reason}`,
    { context: { shard, total } },
  );
}

function problemOf(shard: number, total: number): string | undefined {
  if (!Number.isSafeInteger(total) || total < 1)
    return "the number of shards has to be a whole number from 1 on";
  if (!Number.isSafeInteger(shard) || shard < 0)
    return "a shard has to be a whole number from 0 on";
  if (shard >= total)
    return `shards are counted from 0, so the last one is ${total - 1}; this one would own nothing`;
  return undefined;
}
