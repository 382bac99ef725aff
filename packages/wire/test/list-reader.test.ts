import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createListReader,
  decode,
  decodeJson,
  encodeList,
  encodeObject,
  encodeProtobuf,
  encodeStatus,
  partialObjectMetadata,
  pod,
  secret,
} from "../src/index.ts";
import { jsonOf, shuffled } from "./arbitrary.ts";
import { outcome } from "./outcome.ts";
import { readList, splits } from "./reading.ts";

const protobuf = "application/vnd.kubernetes.protobuf";
const json = "application/json";
const podList = { apiVersion: "v1", kind: "PodList" };
const code = (expected: string): object => expect.objectContaining({ code: expected });

const first = {
  metadata: {
    annotations: { note: '"uid":"wrong" {[\\ é' },
    name: "first",
    namespace: "one",
    ownerReferences: [{ kind: "ReplicaSet", name: "rs", uid: "owner", controller: true }],
    resourceVersion: "11",
    uid: "uid-1",
  },
  spec: { nodeName: "n", template: { metadata: { uid: "template", name: "inner" } } },
};
const second = { metadata: { name: "second", uid: "uid-2", resourceVersion: "12" } };
const listMetadata = {
  resourceVersion: "99",
  continue: "token",
  remainingItemCount: 7,
  shardInfo: { selector: "shardRange(object.metadata.uid, '0x0', '0x8')" },
};
const wantedMetadata = {
  resourceVersion: "99",
  continue: "token",
  remainingItemCount: 7,
  shardSelector: "shardRange(object.metadata.uid, '0x0', '0x8')",
};
const wantedItems = [
  { uid: "uid-1", uidFromBytes: "uid-1", resourceVersion: "11", namespace: "one", name: "first" },
  { uid: "uid-2", uidFromBytes: "uid-2", resourceVersion: "12", namespace: "", name: "second" },
];

const bodies: Record<string, { contentType: string; body: Buffer }> = {
  protobuf: {
    contentType: `${protobuf};charset=x`,
    body: encodeList(podList, listMetadata, [
      encodeProtobuf(pod, first),
      encodeProtobuf(pod, second),
    ]),
  },
  "JSON with metadata first": {
    contentType: "Application/JSON",
    body: Buffer.from(
      JSON.stringify({ ...podList, metadata: listMetadata, items: [first, second] }) + "\n",
    ),
  },
  "JSON with items first": {
    contentType: json,
    body: Buffer.from(
      JSON.stringify({
        apiVersion: "example.com/v1",
        items: [first, second],
        kind: "ThingList",
        metadata: listMetadata,
      }),
    ),
  },
  "pretty-printed JSON": {
    contentType: json,
    body: Buffer.from(
      JSON.stringify({ ...podList, metadata: listMetadata, items: [first, second] }, null, 2),
    ),
  },
};

describe.each(Object.entries(bodies))("a list in %s", (_name, { contentType, body }) => {
  test("gives items and metadata wherever its bytes are split", () => {
    for (const chunks of splits(body)) {
      const { items, metadata } = readList(createListReader(contentType), chunks);
      expect(metadata).toEqual(wantedMetadata);
      expect(items).toMatchObject(wantedItems);
    }
  });

  test("gives items that decode to the objects", () => {
    const reader = createListReader(contentType);
    reader.push(body);
    expect(decode(pod, reader.next()!)).toStrictEqual(decodeJson(pod, first));
    expect(decode(pod, reader.next()!)).toStrictEqual(decodeJson(pod, second));
    expect(reader.next()).toBeUndefined();
  });

  test("is never complete when it was cut off", () => {
    const whole = body.toString("latin1").trimEnd().length;
    for (let length = 0; length < whole; length++) {
      // Only the two empty fields behind a protobuf list may be missing: everything announced has come.
      if (contentType.startsWith(protobuf) && [whole - 4, whole - 2].includes(length)) continue;
      const reader = createListReader(contentType);
      expect(() => readList(reader, [body.subarray(0, length)]), `${length} bytes`).toThrow(
        code("WIRE_TRUNCATED"),
      );
    }
  });
});

test.each([
  ["items: null", '{"kind":"PodList","metadata":{"resourceVersion":"3"},"items":null}'],
  ["no items", '{"kind":"PodList","metadata":{"resourceVersion":"3"}}'],
  ["no element", '{"kind":"PodList","items": [ ] ,"metadata":{"resourceVersion":"3"}}'],
])("a JSON list with %s is empty", (_name, body) => {
  for (const chunks of splits(Buffer.from(body)))
    expect(readList(createListReader(json), chunks)).toMatchObject({
      items: [],
      metadata: { resourceVersion: "3", continue: "", remainingItemCount: undefined },
    });
});

test("a protobuf list without items gives its metadata", () => {
  const body = encodeList(podList, { resourceVersion: "3" }, []);
  for (const chunks of splits(body))
    expect(readList(createListReader(protobuf), chunks)).toMatchObject({
      items: [],
      metadata: { resourceVersion: "3", shardSelector: undefined },
    });
});

test("fields that a list does not declare are skipped, in every wire type", () => {
  const varint = [0x38, 0x96, 0x01];
  const bits64 = [0x41, 1, 2, 3, 4, 5, 6, 7, 8];
  const likeAnItem = [0x4a, 2, 0x12, 0x7f];
  const bits32 = [0x55, 1, 2, 3, 4];
  const unknown = Buffer.from([varint, bits64, likeAnItem, bits32].flat());
  const item = encodeProtobuf(pod, first);
  const list = Buffer.concat([
    unknown,
    Buffer.from([10, 0]),
    Buffer.from([0x12, 0x80 | (item.length & 0x7f), item.length >> 7]),
    item,
    unknown,
  ]);
  for (const chunks of splits(encodeObject(podList, list)))
    expect(readList(createListReader(protobuf), chunks).items).toMatchObject([wantedItems[0]]);
});

test.each([
  ["another magic", Buffer.from("k8t\0rest"), "WIRE_INVALID"],
  ["JSON", Buffer.from('{"kind":"PodList"}'), "WIRE_INVALID"],
  ["a Status", encodeStatus({ message: "no", code: 500 }), "WIRE_UNEXPECTED"],
  [
    "an item longer than the list",
    encodeObject(podList, Buffer.from([0x12, 0x7f, 1])),
    "WIRE_INVALID",
  ],
  ["no metadata", encodeObject(podList, Buffer.alloc(0)), "WIRE_UNEXPECTED"],
  ["a group", encodeObject(podList, Buffer.from([0x13, 0x14])), "WIRE_INVALID"],
  ["an endless varint", encodeObject(podList, Buffer.alloc(20, 0xff)), "WIRE_INVALID"],
  [
    "a length over the limit",
    Buffer.from([
      ...Buffer.from("k8s\0"),
      0x12,
      0xff,
      0xff,
      0xff,
      0xff,
      0x7f,
      0x12,
      0xff,
      0xff,
      0xff,
      0xff,
      0x0f,
    ]),
    "WIRE_TOO_LARGE",
  ],
  [
    "a content type of its own",
    Buffer.from([...Buffer.from("k8s\0"), 0x12, 0, 0x22, 3, 0x63, 0x62, 0x72]),
    "WIRE_UNEXPECTED",
  ],
])("a protobuf list with %s is an error", (_name, body, expected) => {
  for (const chunks of splits(body))
    expect(() => readList(createListReader(protobuf), chunks)).toThrow(code(expected));
});

test.each([
  ["text", "upstream connect error", "WIRE_INVALID"],
  ["an array", "[]", "WIRE_INVALID"],
  ["a Status", '{"kind":"Status","code":500}', "WIRE_UNEXPECTED"],
  ["items that are a string", '{"items":"x"}', "WIRE_INVALID"],
  ["an item that is a string", '{"items":["x"]}', "WIRE_INVALID"],
  ["an item without a comma before it", '{"items":[{} {}]}', "WIRE_INVALID"],
  ["no value", '{"metadata":}', "WIRE_INVALID"],
  ["no colon", '{"metadata" 1}', "WIRE_INVALID"],
  ["something behind its end", '{"items":[]}x', "WIRE_INVALID"],
  ["metadata of a wrong type", '{"metadata":{"resourceVersion":7}}', "WIRE_INVALID"],
  ["a broken number in its metadata", '{"metadata":{"remainingItemCount":1.2.3}}', "WIRE_INVALID"],
  ["no metadata", '{"items":[]}', "WIRE_UNEXPECTED"],
  ["nothing", "", "WIRE_TRUNCATED"],
])("a JSON list with %s is an error", (_name, body, expected) => {
  for (const chunks of splits(Buffer.from(body)))
    expect(() => readList(createListReader(json), chunks)).toThrow(code(expected));
});

test("an item with broken content is cut out whole and refused when decoded", () => {
  const reader = createListReader(json);
  reader.push(
    Buffer.from('{"items":[{"metadata":{"uid":"u"},"spec":{"a":tru}},{"metadata":{"uid":"v"}}]}'),
  );
  const broken = reader.next()!;
  expect(broken.uid).toBe("u");
  expect(() => decode(pod, broken)).toThrow(code("WIRE_INVALID"));
  expect(reader.next()!.uid).toBe("v");
});

test("rows of a Table carry the metadata of their object and the position of the Type column", () => {
  const body = Buffer.from(
    JSON.stringify({
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      metadata: { resourceVersion: "5", continue: "more" },
      columnDefinitions: [{ name: "Name" }, { name: "Type" }, { name: "Data" }],
      rows: [
        { cells: ["token", "Opaque", 3], object: { kind: "PartialObjectMetadata", ...first } },
        { cells: ["tls", "kubernetes.io/tls", 2], object: second },
      ],
    }),
  );
  for (const chunks of splits(body)) {
    const { items, metadata } = readList(createListReader(json), chunks);
    expect(metadata).toMatchObject({ resourceVersion: "5", continue: "more" });
    expect(items).toMatchObject(wantedItems.map((item) => ({ ...item, encoding: "table" })));
    expect(items.map(({ typeColumn }) => typeColumn)).toEqual([1, 1]);
  }
  const reader = createListReader(json);
  reader.push(body);
  expect(decode(secret, reader.next()!)).toStrictEqual(
    decodeJson(secret, { metadata: first.metadata, type: "Opaque" }),
  );
});

test("a Table row is refused where its type is wanted and there is no Type column", () => {
  const reader = createListReader(json);
  reader.push(
    Buffer.from('{"kind":"Table","rows":[{"cells":["a"],"object":{"metadata":{"name":"a"}}}]}'),
  );
  const row = reader.next()!;
  expect(() => decode(secret, row)).toThrow(code("WIRE_UNEXPECTED"));
  expect(decode(partialObjectMetadata, row).metadata.name).toBe("a");
});

test("a Table with rows: null is empty", () => {
  const body = Buffer.from('{"kind":"Table","metadata":{},"columnDefinitions":null,"rows":null}');
  expect(readList(createListReader(json), [body]).items).toEqual([]);
});

test("the identity found on the bytes is the one that decoding finds, in every form", () => {
  fc.assert(
    fc.property(
      fc
        .array(jsonOf(pod), { maxLength: 3 })
        .chain((pods) => fc.tuple(fc.constant(pods), shuffled(pods), fc.constantFrom(0, 2))),
      ([pods, reordered, indent]) => {
        const wanted = pods.map((object) => {
          const { uid, resourceVersion, namespace, name } = decodeJson(pod, object).metadata;
          return { uid, uidFromBytes: uid, resourceVersion, namespace, name };
        });
        const asJson = Buffer.from(
          JSON.stringify({ items: reordered, metadata: {} }, null, indent),
        );
        const asProtobuf = encodeList(
          podList,
          {},
          pods.map((object) => encodeProtobuf(pod, object)),
        );
        expect(readList(createListReader(json), [asJson]).items).toMatchObject(wanted);
        expect(readList(createListReader(protobuf), [asProtobuf]).items).toMatchObject(wanted);
      },
    ),
    { numRuns: 200 },
  );
});

test("an escaped key and an escaped uid are read as what they stand for", () => {
  const body = Buffer.from(
    String.raw`{"items":[{"meta\u0064ata":{"u\u0069d":"\u00e9\"","name":null}}],"metadata":{}}`,
  );
  const [item] = readList(createListReader(json), [body]).items;
  expect(item).toMatchObject({ uid: 'é"', uidFromBytes: 'é"', name: "" });
});

test("random bytes give an error or end as a truncated list", () => {
  for (const contentType of [protobuf, json])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, prefixed) => {
        const prefix = contentType === json ? '{"items":[' : "k8s\0";
        const body = Buffer.concat([Buffer.from(prefixed ? prefix : ""), bytes]);
        expect(() => outcome(() => readList(createListReader(contentType), [body]))).not.toThrow();
      }),
      { numRuns: 300 },
    );
});
