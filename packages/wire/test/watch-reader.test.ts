import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createWatchReader,
  decode,
  decodeJson,
  encodeObject,
  encodeProtobuf,
  encodeStatus,
  encodeWatchFrame,
  pod,
  secret,
} from "../src/index.ts";
import { outcome } from "./outcome.ts";
import { readWatch, splits } from "./reading.ts";

const protobuf = "application/vnd.kubernetes.protobuf;stream=watch";
const json = "application/json";
const code = (expected: string): object => expect.objectContaining({ code: expected });

const type = { apiVersion: "v1", kind: "Pod" };
const one = {
  ...type,
  metadata: { name: "one", namespace: "ns", uid: "uid-1", resourceVersion: "11" },
  status: { phase: "Running" },
};
const bookmark = {
  ...type,
  metadata: { resourceVersion: "20", annotations: { "k8s.io/initial-events-end": "true" } },
};
const gone = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "too old",
  reason: "Expired",
  details: {
    causes: [{ reason: "ResourceVersionTooLarge", message: "m", field: "f" }],
    retryAfterSeconds: 3,
  },
  code: 410,
};
const events = [
  { type: "ADDED", object: one },
  { type: "MODIFIED", object: one },
  { type: "DELETED", object: one },
  { type: "BOOKMARK", object: bookmark },
  { type: "BOOKMARK", object: { ...type, metadata: { resourceVersion: "21" } } },
  { type: "ERROR", object: gone },
];
const identity = {
  uid: "uid-1",
  uidFromBytes: "uid-1",
  resourceVersion: "11",
  namespace: "ns",
  name: "one",
};
const wanted = [
  { type: "ADDED", object: identity },
  { type: "MODIFIED", object: identity },
  { type: "DELETED", object: identity },
  { type: "BOOKMARK", resourceVersion: "20", initialEventsEnd: true },
  { type: "BOOKMARK", resourceVersion: "21", initialEventsEnd: false },
  {
    type: "ERROR",
    status: {
      code: 410,
      reason: "Expired",
      message: "too old",
      causes: [{ reason: "ResourceVersionTooLarge", message: "m", field: "f" }],
      retryAfterSeconds: 3,
    },
  },
];

const frame = (event: { type: string; object: object }): Buffer =>
  encodeWatchFrame(
    event.type,
    event.type === "ERROR"
      ? encodeStatus(event.object)
      : encodeObject(type, encodeProtobuf(pod, event.object)),
  );
const lines = events.map((event) => JSON.stringify(event) + "\n").join("");

const bodies: Record<string, { contentType: string; body: Buffer }> = {
  protobuf: { contentType: protobuf, body: Buffer.concat(events.map(frame)) },
  JSON: { contentType: json, body: Buffer.from(lines) },
  "JSON with empty lines and no last newline": {
    contentType: json,
    body: Buffer.from(`\n${lines.replaceAll("\n", "\r\n\n").trimEnd()}`),
  },
  "JSON with the object before the type": {
    contentType: json,
    body: Buffer.from(
      events.map(({ type, object }) => JSON.stringify({ object, type })).join("\n"),
    ),
  },
};

describe.each(Object.entries(bodies))("a watch in %s", (_name, { contentType, body }) => {
  test("gives all five types of event wherever its bytes are split", () => {
    for (const chunks of splits(body))
      expect(readWatch(createWatchReader(contentType), chunks)).toMatchObject(wanted);
  });

  test("gives objects that decode", () => {
    const reader = createWatchReader(contentType);
    reader.push(body);
    const event = reader.next()!;
    if (!("object" in event)) throw new Error("the first event has an object");
    expect(decode(pod, event.object)).toStrictEqual(decodeJson(pod, one));
  });

  test("ends cleanly between events and as truncated inside one", () => {
    const reader = createWatchReader(contentType);
    let last = 0;
    let count = 0;
    for (const at of body.keys()) {
      reader.push(body.subarray(at, at + 1));
      if (reader.next() !== undefined) {
        last = at + 1;
        count++;
      }
      const rest = body.toString("latin1", last, at + 1);
      const between = rest === "" || (contentType === json && rest.trim() === "");
      expect(outcome(() => reader.end())).toBe(between ? undefined : "WIRE_TRUNCATED");
    }
    expect(count).toBe(events.length);
  });
});

test.each([
  ["an empty frame", Buffer.alloc(4), "WIRE_INVALID"],
  ["a frame over 16 MiB", Buffer.from([1, 0, 0, 1]), "WIRE_TOO_LARGE"],
  [
    "an unknown type",
    encodeWatchFrame("PATCHED", encodeObject(type, Buffer.alloc(0))),
    "WIRE_INVALID",
  ],
  [
    "an object without its magic",
    encodeWatchFrame("ADDED", Buffer.from("abcdefgh")),
    "WIRE_INVALID",
  ],
  ["no object", Buffer.from([0, 0, 0, 7, 10, 5, ...Buffer.from("ADDED")]), "WIRE_INVALID"],
  [
    "an object longer than the frame",
    Buffer.from([0, 0, 0, 4, 0x12, 0x7f, 1, 1]),
    "WIRE_TRUNCATED",
  ],
])("a protobuf watch with %s is an error", (_name, body, expected) => {
  for (const chunks of splits(body))
    expect(() => readWatch(createWatchReader(protobuf), chunks)).toThrow(code(expected));
});

test.each([
  ["text", "stream timeout", "WIRE_INVALID"],
  ["an array", "[1]", "WIRE_INVALID"],
  ["an unknown type", '{"type":"PATCHED","object":{}}', "WIRE_INVALID"],
  ["no type", '{"object":{}}', "WIRE_INVALID"],
  ["no object", '{"type":"ADDED"}', "WIRE_INVALID"],
  ["an object that is null", '{"type":"ADDED","object":null}', "WIRE_INVALID"],
  ["a member without a colon", '{"type" "ADDED"}', "WIRE_INVALID"],
])("a JSON watch with %s is an error", (_name, body, expected) => {
  for (const chunks of splits(Buffer.from(body)))
    expect(() => readWatch(createWatchReader(json), chunks)).toThrow(code(expected));
});

test("an error event without a Status still ends the watch", () => {
  const body = Buffer.from('{"type":"ERROR","object":{"kind":"Pod"}}');
  expect(readWatch(createWatchReader(json), [body])).toMatchObject([
    { type: "ERROR", status: { code: 0, message: expect.stringContaining("Pod") } },
  ]);
  expect(
    readWatch(createWatchReader(protobuf), [
      encodeWatchFrame("ERROR", encodeObject(type, Buffer.alloc(0))),
    ]),
  ).toMatchObject([{ type: "ERROR", status: { code: 0 } }]);
});

test("Table events keep the Type column of the first, and their bookmarks count", () => {
  const row = (kind: string): object => ({
    cells: ["x", kind],
    object: { metadata: one.metadata },
  });
  const table = {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: { resourceVersion: "30" },
  };
  const columnDefinitions = [{ name: "Name" }, { name: "Type" }];
  const body = Buffer.from(
    [
      { type: "ADDED", object: { ...table, columnDefinitions, rows: [row("Opaque")] } },
      { type: "MODIFIED", object: { ...table, columnDefinitions: null, rows: [row("tls")] } },
      { type: "DELETED", object: { ...table, columnDefinitions: [], rows: [row("tls")] } },
      { type: "BOOKMARK", object: { ...table, rows: [{ cells: [], object: bookmark }] } },
      { type: "BOOKMARK", object: { ...table, rows: [] } },
    ]
      .map((event) => JSON.stringify(event) + "\n")
      .join(""),
  );
  for (const chunks of splits(body))
    expect(readWatch(createWatchReader(json), chunks)).toMatchObject([
      { type: "ADDED", object: { ...identity, encoding: "table", typeColumn: 1 } },
      { type: "MODIFIED", object: { ...identity, encoding: "table", typeColumn: 1 } },
      { type: "DELETED", object: { ...identity, encoding: "table", typeColumn: 1 } },
      { type: "BOOKMARK", resourceVersion: "20", initialEventsEnd: true },
      { type: "BOOKMARK", resourceVersion: "30", initialEventsEnd: false },
    ]);
  const reader = createWatchReader(json);
  reader.push(body);
  const event = reader.next()!;
  if (!("object" in event)) throw new Error("the first event has an object");
  expect(decode(secret, event.object).type).toBe("Opaque");
});

test("a Table event without a row is an error", () => {
  const body = Buffer.from('{"type":"ADDED","object":{"kind":"Table","rows":[]}}');
  expect(() => readWatch(createWatchReader(json), [body])).toThrow(code("WIRE_INVALID"));
});

test("random bytes give an error, no event, or a truncated end", () => {
  for (const contentType of [protobuf, json])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (bytes, framed) => {
        const length = Buffer.from([0, 0, 0, bytes.length]);
        const body = Buffer.concat(framed ? [length, bytes] : [bytes]);
        expect(() =>
          outcome(() => readWatch(createWatchReader(contentType), [body])),
        ).not.toThrow();
      }),
      { numRuns: 300 },
    );
});
