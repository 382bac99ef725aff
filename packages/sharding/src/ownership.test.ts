import { expect, test } from "vitest";
import { jumpOwnership, slotOwnership, type Ownership } from "./ownership.ts";
import { hashNamed, slotCount, slotOf } from "./slot.ts";

const uids = Array.from(
  { length: 10_000 },
  (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);

function owns(ownership: Ownership, uid: string): boolean {
  const bytes = Buffer.from(`<${uid}>`);
  return ownership.owns(bytes, 1, bytes.length - 1);
}

/** The shards that own a UID: exactly one, if all is well. */
function ownersOf(uid: string, total: number): number[] {
  const shards = Array.from({ length: total }, (_, shard) => shard);
  return shards.filter((shard) => owns(jumpOwnership(shard, total), uid));
}

test.each([
  ["test_uid", [0, 0, 0, 0]],
  ["", [1, 1, 1, 13]],
  ["a", [1, 2, 2, 12]],
  ["abc-0", [0, 0, 0, 11]],
  ["abc-1", [0, 0, 3, 10]],
  ["abc-2", [1, 1, 4, 14]],
  ["00000000-0000-0000-0000-000000000000", [1, 1, 1, 11]],
  ["6f1a2c3d-4b5e-4f60-8a7b-9c0d1e2f3a4b", [0, 2, 2, 15]],
  ["d3b07384-d113-4ec6-a7d5-2f0c8f0e9b11", [1, 1, 1, 9]],
  ["3e25960a-79db-4d5a-9a6c-1b8f6e0f2d77", [1, 1, 1, 1]],
  ["f47ac10b-58cc-4372-a567-0e02b2c3d479", [0, 2, 2, 13]],
  ["9b2d7c1e-0f6a-4e3b-b1c8-5d4e3f2a1b0c", [0, 0, 0, 0]],
  ["1c9e6679-7425-40de-944b-e07fc1f90ae7", [0, 0, 0, 0]],
  ["ffffffff-ffff-4fff-bfff-ffffffffffff", [0, 2, 3, 6]],
])("the UID %j is owned as by the reference, of 2, 3, 5 and 16 shards", (uid, expected) => {
  expect([2, 3, 5, 16].map((total) => ownersOf(uid, total))).toEqual(
    expected.map((shard) => [shard]),
  );
});

test("abc-0 to abc-9 are spread over two shards as by the reference", () => {
  const owners = Array.from({ length: 10 }, (_, index) => ownersOf(`abc-${index}`, 2));
  expect(owners.flat()).toEqual([0, 0, 1, 1, 1, 0, 0, 1, 1, 1]);
});

test.each([
  [2, [5029, 4971]],
  [3, [3390, 3308, 3302]],
  [5, [2043, 1966, 1946, 2036, 2009]],
  [16, [631, 617, 610, 643, 637, 657, 611, 601, 618, 618, 630, 676, 630, 584, 622, 615]],
])("of 10,000 UIDs, %d shards own the reference's counts", (total, counts) => {
  const owned = counts.map((_, shard) => {
    const ownership = jumpOwnership(shard, total);
    return uids.filter((uid) => owns(ownership, uid)).length;
  });
  expect(owned).toEqual(counts);
});

test.each([
  [2, 3302],
  [3, 2544],
  [4, 2009],
])("from %d shards on, one more takes %d of 10,000 UIDs and nothing else moves", (total, moved) => {
  const added = jumpOwnership(total, total + 1);
  const gained = new Set(uids.filter((uid) => owns(added, uid)));
  expect(gained.size).toBe(moved);
  for (let shard = 0; shard < total; shard++) {
    const [before, after] = [jumpOwnership(shard, total), jumpOwnership(shard, total + 1)];
    expect(uids.filter((uid) => owns(before, uid) && !gained.has(uid))).toEqual(
      uids.filter((uid) => owns(after, uid)),
    );
  }
});

test("one shard of one owns everything", () => {
  const everything = jumpOwnership(0, 1);
  expect(["", "a", ...uids.slice(0, 10)].every((uid) => owns(everything, uid))).toBe(true);
});

test.each([
  [1, 1, "the last one is 0"],
  [3, 2, "the last one is 1"],
  [-1, 2, "from 0 on"],
  [0.5, 2, "from 0 on"],
  [Number.NaN, 2, "from 0 on"],
  [0, 0, "from 1 on"],
  [0, -1, "from 1 on"],
  [0, 1.5, "from 1 on"],
])("shard %d of %d is refused", (shard, total, reason) => {
  expect(() => jumpOwnership(shard, total)).toThrow(
    expect.objectContaining({
      code: "SHARD_INVALID",
      message: expect.stringMatching(
        new RegExp(`^--shard=${shard} with --total-shards=${total}: .*${reason}`),
      ),
    }),
  );
});

test.each(["xxh64", "fnv1a64"] as const)(
  "with slots of %s each UID is owned by the member of its slot and nobody else",
  (name) => {
    const owners = Array.from({ length: slotCount }, (_, slot) => slot % 3);
    const members = [0, 1, 2].map((index) => slotOwnership({ hash: name, owners }, index));
    const hash = hashNamed(name);
    for (const uid of uids.slice(0, 1_000)) {
      const slot = slotOf(hash.of(Buffer.from(uid), 0, uid.length));
      expect(members.map((member) => owns(member, uid))).toEqual(
        [0, 1, 2].map((index) => index === slot % 3),
      );
    }
  },
);

test("a member that the table does not name owns nothing", () => {
  const owners = new Uint8Array(slotCount);
  const outsider = slotOwnership({ hash: "xxh64", owners }, 1);
  expect(uids.some((uid) => owns(outsider, uid))).toBe(false);
});

test("a slot table of another size is refused", () => {
  expect(() => slotOwnership({ hash: "xxh64", owners: [0, 1] }, 0)).toThrow(
    expect.objectContaining({
      code: "SLOT_TABLE_INVALID",
      message: "the slot table has 2 slots instead of 1024; the layout is not used",
    }),
  );
});
