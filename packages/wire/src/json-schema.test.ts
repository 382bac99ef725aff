import { expect, test } from "vitest";
import { decode } from "./decode.ts";
import { decodeJson } from "./json-decode.ts";
import { parseJson } from "./json-parse.ts";
import { jsonField, jsonMessage, jsonObject } from "./json-schema.ts";
import { createListReader } from "./readers.ts";

const { one, string, strings, map, time, integer, optional, list, bool } = jsonField;

interface Ferry {
  readonly spec: { readonly captain: string; readonly seats: number | undefined };
  readonly stops: readonly { readonly pier: string; readonly open: boolean }[];
  readonly flags: readonly string[];
  readonly notes: ReadonlyMap<string, string>;
  readonly built: number | undefined;
}

const ferry = jsonMessage<Ferry>("Ferry", {
  spec: one(jsonMessage("FerrySpec", { captain: string, seats: optional(integer) })),
  stops: list(jsonMessage("Stop", { pier: string, open: bool })),
  flags: strings,
  notes: map,
  built: time,
});

test("a message without numbers decodes from JSON, absent fields to their empty values", () => {
  const full = {
    spec: { captain: "Ada", seats: 40, ballast: 7 },
    stops: [{ pier: "north", open: true }, { pier: "south" }],
    flags: ["a"],
    notes: { k: "v" },
    built: "2024-05-01T10:00:00Z",
  };
  expect(decodeJson(ferry, full)).toEqual({
    spec: { captain: "Ada", seats: 40 },
    stops: [
      { pier: "north", open: true },
      { pier: "south", open: false },
    ],
    flags: ["a"],
    notes: new Map([["k", "v"]]),
    built: 1_714_557_600,
  });
  expect(decodeJson(ferry, {})).toEqual({
    spec: { captain: "", seats: undefined },
    stops: [],
    flags: [],
    notes: new Map(),
    built: undefined,
  });
});

test("a whole object keeps every field and every digit", () => {
  const text = `{"a":[1,null,{"b":9007199254740993}],"__proto__":{"x":true},"c":"d"}`;
  const object = decodeJson(jsonObject, parseJson(text));
  expect(Object.keys(object)).toEqual(["a", "__proto__", "c"]);
  expect(object["a"]).toEqual([1, null, { b: 9_007_199_254_740_993n }]);
});

test.each([["[]"], ["1"], ["null"], [`"x"`]])("%s is no whole object", (text) => {
  expect(() => decodeJson(jsonObject, parseJson(text))).toThrow("should be an object");
});

test("what is known in JSON only is not read from protobuf", () => {
  const reader = createListReader("application/json");
  reader.push(Buffer.from(`{"items":[{"spec":{"captain":"Ada"}}],"metadata":{}}`));
  const raw = reader.next()!;
  expect(decode(ferry, raw).spec.captain).toBe("Ada");
  for (const message of [ferry, jsonObject])
    expect(() =>
      decode<unknown>(message, { ...raw, bytes: raw.bytes, encoding: "protobuf" }),
    ).toThrow("is known in JSON only and came as protobuf");
});
