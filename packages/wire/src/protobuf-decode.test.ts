import { expect, test } from "vitest";
import { decodeProtobuf } from "./protobuf-decode.ts";
import {
  bool,
  bytesLength,
  double,
  embedded,
  int32,
  int64,
  int64Text,
  intOrString,
  list,
  map,
  message,
  microTime,
  one,
  optional,
  quantities,
  quantity,
  string,
  strings,
  time,
  type Message,
} from "./schema.ts";

const code = (expected: string): object => expect.objectContaining({ code: expected });
const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))),
  );

interface Inner {
  readonly a: string;
}
const inner: Message<Inner> = message<Inner>("Inner", { a: string(1) });
interface Outer extends Inner {
  readonly b: string;
}
const outer: Message<Outer> = message<Outer>("Outer", { ...embedded(2, inner), b: string(1) });

/** The value of a message with this one field, from bytes written by hand after the protobuf encoding's own description. */
const only = <T>(field: Parameters<typeof message<{ x: T }>>[1]["x"], from: Buffer): T =>
  decodeProtobuf(message<{ x: T }>("Only", { x: field } as never), from).x;

test.each([
  ["absent", bytes(), 0],
  ["one byte", bytes(0x08, 0x7f), 127],
  ["150, the example of the protobuf documentation", bytes(0x08, 0x96, 0x01), 150],
  ["the largest int32", bytes(0x08, 0xff, 0xff, 0xff, 0xff, 0x07), 2_147_483_647],
  ["-1 in ten bytes", bytes(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), -1],
])("an int32 that is %s is read", (_name, from, wanted) => {
  expect(only(int32(1), from)).toBe(wanted);
});

const minusTwo = bytes(0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
const int64Max = bytes(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);

test("an int64 is a number, exact up to 2^53 and the nearest beyond", () => {
  expect(only(int64(1), minusTwo)).toBe(-2);
  expect(only(int64(1), int64Max)).toBe(2 ** 63);
});

test("an int64Text keeps every digit", () => {
  expect(only(int64Text(1), int64Max)).toBe("9223372036854775807");
  expect(only(int64Text(1), minusTwo)).toBe("-2");
  expect(only(int64Text(1), bytes())).toBe("0");
});

test("a pointer tells absent from zero, a value does not", () => {
  expect(only(optional(int32(1)), bytes())).toBeUndefined();
  expect(only(optional(int32(1)), bytes(0x08, 0))).toBe(0);
  expect(only(optional(bool(1)), bytes())).toBeUndefined();
  expect(only(optional(bool(1)), bytes(0x08, 0))).toBe(false);
  expect(only(optional(string(1)), bytes(0x0a, 0))).toBe("");
  expect(only(bool(1), bytes())).toBe(false);
});

test("the last of a repeated singular field wins", () => {
  expect(only(string(1), bytes(0x0a, 1, "a", 0x0a, 1, "b"))).toBe("b");
});

test("a double is read little-endian", () => {
  expect(only(double(1), bytes(0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f))).toBe(1.5);
});

test("of bytes only the length is kept", () => {
  expect(only(bytesLength(1), bytes(0x0a, 3, 0, 1, 0xff))).toBe(3);
});

test("a time without content is unset, one with seconds = 0 is 1970", () => {
  expect(only(time(1), bytes())).toBeUndefined();
  expect(only(time(1), bytes(0x0a, 0))).toBeUndefined();
  expect(only(time(1), bytes(0x0a, 2, 0x08, 0))).toBe(0);
  expect(only(time(1), bytes(0x0a, 4, 0x08, 100, 0x10, 0))).toBe(100);
});

test("a time is rounded down to seconds, a microTime keeps microseconds", () => {
  // -2 s and 500 ms: half past the second before -1.
  const nanos = [0x10, 0x80, 0xca, 0xb5, 0xee, 0x01];
  const from = bytes(0x0a, 17, ...minusTwo, ...nanos);
  expect(only(time(1), from)).toBe(-2);
  expect(only(microTime(1), from)).toBe(-1.5);
});

test("Go's zero time written out is unset", () => {
  const seconds = [0x08, 0x80, 0x92, 0xb8, 0xc3, 0x98, 0xfe, 0xff, 0xff, 0xff, 0x01];
  expect(only(time(1), bytes(0x0a, 11, ...seconds))).toBeUndefined();
});

test("a quantity is its text, the zero one 0", () => {
  expect(only(quantity(1), bytes(0x0a, 6, 0x0a, 4, "100m"))).toBe("100m");
  expect(only(quantity(1), bytes(0x0a, 0))).toBe("0");
});

test("an IntOrString is what its type says", () => {
  expect(only(intOrString(1), bytes(0x0a, 6, 0x08, 0, 0x10, 25, 0x1a, 0))).toBe(25);
  expect(only(intOrString(1), bytes(0x0a, 9, 0x08, 1, 0x10, 0, 0x1a, 3, "25%"))).toBe("25%");
});

test("maps take entries in any order, with key or value missing", () => {
  const entries = bytes(0x0a, 6, 0x12, 1, "v", 0x0a, 1, "k", 0x0a, 3, 0x0a, 1, "e", 0x0a, 0);
  expect(only(map(1), entries)).toEqual(
    new Map([
      ["k", "v"],
      ["e", ""],
      ["", ""],
    ]),
  );
  const amounts = bytes(0x0a, 8, 0x0a, 1, "c", 0x12, 3, 0x0a, 1, "5", 0x0a, 3, 0x0a, 1, "m");
  expect(only(quantities(1), amounts)).toEqual(
    new Map([
      ["c", "5"],
      ["m", "0"],
    ]),
  );
});

test("lists keep their order and nested messages their fields", () => {
  expect(only(strings(1), bytes(0x0a, 1, "b", 0x0a, 0, 0x0a, 1, "a"))).toEqual(["b", "", "a"]);
  expect(only(list(1, inner), bytes(0x0a, 3, 0x0a, 1, "b", 0x0a, 0))).toEqual([
    { a: "b" },
    { a: "" },
  ]);
  expect(only(one(1, inner), bytes())).toEqual({ a: "" });
});

test("an embedded struct is a message of its own that decodes into its parent", () => {
  expect(decodeProtobuf(outer, bytes(0x12, 3, 0x0a, 1, "a", 0x0a, 1, "b"))).toEqual({
    a: "a",
    b: "b",
  });
});

test("texts that are short, long, not ASCII or not UTF-8 are read, again and again", () => {
  for (const wanted of ["x", "naïve", "日本", "y".repeat(100), "é".repeat(60)])
    for (let again = 0; again < 2; again++) {
      const text = Buffer.from(wanted);
      expect(only(string(1), bytes(0x0a, text.length, wanted))).toBe(wanted);
    }
  expect(only(string(1), bytes(0x0a, 2, 0xc3, 0x28))).toBe("\ufffd(");
});

test("undeclared fields are skipped in the wire types 0, 1, 2 and 5", () => {
  const unknown = [
    0x10, 0xff, 0x01, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x22, 2, 0x0a, 0x7f, 0x2d, 1, 2, 3, 4,
  ];
  expect(only(string(1), bytes(...unknown, 0x0a, 1, "x", ...unknown))).toBe("x");
  // A field number of three bytes.
  expect(only(string(1), bytes(0xf8, 0xff, 0x03, 1, 0x0a, 1, "x"))).toBe("x");
});

test.each([
  ["a string longer than the message", bytes(0x0a, 5, "abc"), "WIRE_TRUNCATED"],
  ["a length beyond 2^63", bytes(0x0a, ...Array<number>(9).fill(0xff), 0x01), "WIRE_TRUNCATED"],
  ["a tag without a value", bytes(0x0a), "WIRE_TRUNCATED"],
  ["a varint that stops", bytes(0x10, 0x80), "WIRE_TRUNCATED"],
  ["a varint of eleven bytes", bytes(0x10, ...Array<number>(11).fill(0x80)), "WIRE_INVALID"],
  ["64 bits that stop", bytes(0x11, 1, 2), "WIRE_TRUNCATED"],
  ["32 bits that stop", bytes(0x15, 1), "WIRE_TRUNCATED"],
  ["a group", bytes(0x13), "WIRE_INVALID"],
  ["the end of a group", bytes(0x14), "WIRE_INVALID"],
  ["field number 0", bytes(0x02, 0), "WIRE_INVALID"],
  ["a declared field in another wire type", bytes(0x08, 1), "WIRE_INVALID"],
])("a message with %s is refused", (_name, from, expected) => {
  expect(() => only(string(1), from)).toThrow(code(expected));
});

test("a nested message cannot reach beyond the end of its parent", () => {
  expect(() => only(one(1, inner), bytes(0x0a, 2, 0x0a, 3, "abc"))).toThrow(code("WIRE_TRUNCATED"));
});

test("a range outside of the bytes is refused", () => {
  expect(() => decodeProtobuf(inner, bytes(0x0a, 0), { start: 0, end: 3 })).toThrow(RangeError);
});
