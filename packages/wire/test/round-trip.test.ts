import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJson, decodeProtobuf, encodeProtobuf } from "../src/index.ts";
import { jsonOf } from "./arbitrary.ts";
import { messages } from "./messages.ts";
import { outcome } from "./outcome.ts";

describe.each(messages)("%s", (_name, message) => {
  test("decodes to the same value from JSON and from protobuf, whatever is set", () => {
    fc.assert(
      fc.property(jsonOf(message), (json) => {
        const fromProtobuf = decodeProtobuf(message, encodeProtobuf(message, json));
        expect(fromProtobuf).toStrictEqual(decodeJson(message, json));
      }),
      { numRuns: 40 },
    );
  });

  test("decodes from nothing to values that are all there", () => {
    const empty = decodeJson(message, {});
    expect(decodeProtobuf(message, Buffer.alloc(0))).toStrictEqual(empty);
    expect(decodeProtobuf(message, encodeProtobuf(message, {}))).toStrictEqual(empty);
    expect(Object.keys(empty as object)).toEqual(Object.keys(message.fields));
  });

  test("gives an error or a value when its bytes stop anywhere, and stays inside them", () => {
    fc.assert(
      fc.property(jsonOf(message), fc.double({ min: 0, max: 1, noNaN: true }), (json, part) => {
        const bytes = encodeProtobuf(message, json);
        const end = Math.floor(part * bytes.length);
        const surrounded = Buffer.concat([bytes.subarray(0, end), Buffer.alloc(64, 0xff)]);
        const among = outcome(() => decodeProtobuf(message, surrounded, { start: 0, end }));
        const alone = outcome(() => decodeProtobuf(message, Buffer.from(bytes.subarray(0, end))));
        expect(among).toStrictEqual(alone);
      }),
      { numRuns: 40 },
    );
  });

  test("gives an error or a value for random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => outcome(() => decodeProtobuf(message, Buffer.from(bytes)))).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });
});
