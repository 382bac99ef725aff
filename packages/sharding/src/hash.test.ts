import fc from "fast-check";
import { expect, test } from "vitest";
import { fnv1a64 } from "./fnv1a64.ts";
import type { Hash } from "./hash.ts";
import { slotOf } from "./slot.ts";
import { xxh64Pure } from "./xxh64-pure.ts";
import { xxh64 } from "./xxh64.ts";

function hex(hash: Hash, text: string): string {
  const bytes = Buffer.from(text);
  const { high, low } = hash.of(bytes, 0, bytes.length);
  return [high, low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

test.each([
  ["test_uid", "0ec242443e038614"],
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["abc-0", "6403e42d76c28c86"],
  ["abc-1", "6403e52d76c28e39"],
  ["abc-2", "6403e22d76c28920"],
  ["foobar", "85944171f73967e8"],
  ["default", "ebada5168620c5fe"],
  ["00000000-0000-0000-0000-000000000000", "7c384c6218f299f1"],
  ["00000000-0000-0000-0000-000000000001", "7c384b6218f2983e"],
  ["6f1a2c3d-4b5e-4f60-8a7b-9c0d1e2f3a4b", "f47366537e3c1c1d"],
  ["d3b07384-d113-4ec6-a7d5-2f0c8f0e9b11", "87112e3ab95d1e6b"],
  ["3e25960a-79db-4d5a-9a6c-1b8f6e0f2d77", "29f3c1c445d2bd1d"],
  ["f47ac10b-58cc-4372-a567-0e02b2c3d479", "70ed2686c31eff00"],
  ["9b2d7c1e-0f6a-4e3b-b1c8-5d4e3f2a1b0c", "75e5a1c4352f6411"],
  ["1c9e6679-7425-40de-944b-e07fc1f90ae7", "b8630c5e6a3880bd"],
  ["ffffffff-ffff-4fff-bfff-ffffffffffff", "b9701ea3c9267d2b"],
  ["aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "93754b7248a00eb9"],
  ["7f9c24e8-3b12-4fe0-9a3d-2d1b8a6c0f11", "2e168e400eec62f8"],
  ["c0ffee00-1234-4abc-8def-0123456789ab", "5732f1811183257d"],
  ["3f6a1a52-7d0e-4f0b-8c55-6f2f2c1d9e77", "5d2088c6c02b074b"],
])("FNV-1a of %j is %s", (text, hash) => {
  expect(hex(fnv1a64(), text)).toBe(hash);
});

test("FNV-1a agrees with a BigInt model for any bytes", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      let model = 0xcbf29ce484222325n;
      for (const byte of Buffer.from(text))
        model = ((model ^ BigInt(byte)) * 0x100000001b3n) % 2n ** 64n;
      expect(hex(fnv1a64(), text)).toBe(model.toString(16).padStart(16, "0"));
    }),
  );
});

const implementations: [string, () => Hash][] = [
  ["as chosen for this platform", xxh64],
  ["in JavaScript", xxh64Pure],
];

test.each(implementations)("XXH64 %s gives the published values", (_, make) => {
  expect(hex(make(), "")).toBe("ef46db3751d8e999");
  expect(hex(make(), "a")).toBe("d24ec4f1a98c6e5b");
  expect(hex(make(), "abc")).toBe("44bc2cf5ad770999");
});

test("XXH64 is the same in both implementations, for any length up to several stripes", () => {
  const [chosen, pure] = [xxh64(), xxh64Pure()];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 150 }), (bytes) => {
      const text = Buffer.from(bytes).toString("latin1");
      expect(hex(pure, text)).toBe(hex(chosen, text));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["xxh64", xxh64],
  ["xxh64 in JavaScript", xxh64Pure],
  ["fnv1a64", fnv1a64],
])("%s hashes only the range asked for", (_, make) => {
  const uid = "6f1a2c3d-4b5e-4f60-8a7b-9c0d1e2f3a4b";
  const hash = make();
  const around = Buffer.from(`before${uid}after`);
  const alone = { ...hash.of(Buffer.from(uid), 0, uid.length) };
  expect({ ...hash.of(around, 6, 6 + uid.length) }).toEqual(alone);
});

test("a slot is the top 10 bits of the hash", () => {
  expect(slotOf({ high: -1, low: 0 })).toBe(1023);
  expect(slotOf({ high: 0x003fffff, low: -1 })).toBe(0);
  expect(slotOf({ high: 0x00400000, low: 0 })).toBe(1);
  expect(slotOf({ high: 0x80000000 | 0, low: 0 })).toBe(512);
});
