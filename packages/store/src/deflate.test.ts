import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { deflateText, inflateInto, inflateText } from "./deflate.ts";

const texts = [
  "x",
  "kube_pod_info 1\n".repeat(50),
  "é\n".repeat(100_000),
  "a".repeat(6_000_000),
].map((text) => Buffer.from(text));

test.each([1, 6])(
  "level %i: what is deflated inflates to the same text, by us and by Node",
  (level) => {
    for (const text of texts) {
      const deflated = Buffer.from(deflateText(text, level));
      expect(inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH }).equals(text)).toBe(
        true,
      );
      expect(inflateText(deflated, text.length).equals(text)).toBe(true);
    }
  },
);

test("a text deflates to the same bytes whatever was deflated before it", () => {
  const [, text = Buffer.of()] = texts;
  const first = Buffer.from(deflateText(text, 1));
  deflateText(Buffer.from("kube_pod_info 2\n"), 1);
  expect(deflateText(text, 1).equals(first)).toBe(true);
});

const whole = deflateRawSync("a text of some length\n", { finishFlush: constants.Z_FULL_FLUSH });

test.each([
  ["cut", whole.subarray(0, 9), 22],
  ["not deflate data", Buffer.from([7, 7, 7, 7, 7, 7]), 22],
  ["shorter than it should be", whole, 23],
  ["longer than it should be", whole, 21],
  ["empty", Buffer.of(), 22],
])("a block that is %s throws, and the next one is read", (_, deflated, length) => {
  expect(() => inflateText(deflated, length)).toThrow(
    expect.objectContaining({ code: "STORE_BLOCK_CORRUPT" }),
  );
  expect(inflateText(whole, 22).toString()).toBe("a text of some length\n");
});

test("text is inflated to its place, and nothing before it is touched", () => {
  const target = Buffer.alloc(40, "-");
  inflateInto({ deflated: whole, length: 22 }, target, 10);
  expect(target.toString("latin1", 0, 32)).toBe("----------a text of some length\n");
});
