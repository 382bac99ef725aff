import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { combineCrc32 } from "./crc32.ts";

test("the CRC of two texts combines to that of their concatenation", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
      expect(combineCrc32(crc32(a), crc32(b), b.length)).toBe(crc32(Buffer.concat([a, b])));
    }),
  );
});

test.each([0, 1, 65_535, 65_536, 1_000_003])("a second part of %i bytes combines", (length) => {
  const b = Buffer.alloc(length, "x");
  expect(combineCrc32(crc32("abc"), crc32(b), length)).toBe(
    crc32(Buffer.concat([Buffer.from("abc"), b])),
  );
});

test("lengths above 2^32 combine: twice half is the whole", () => {
  const half = 3_000_000_000;
  const zeros = 0x1234_5678;
  expect(combineCrc32(combineCrc32(zeros, 0, half), 0, half)).toBe(
    combineCrc32(zeros, 0, 2 * half),
  );
});
