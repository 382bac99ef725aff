import { expect, test } from "vitest";
import { decodeJson } from "./json-decode.ts";
import { parseJson } from "./json-parse.ts";
import { deployment, pod } from "./index.ts";
import { lease } from "./schema/coordination.ts";

const code = (expected: string, message: RegExp): object =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

const created = (creationTimestamp: unknown): number | undefined =>
  decodeJson(pod, { metadata: { creationTimestamp } }).metadata.creationTimestamp;

test.each([
  ["2024-01-02T03:04:05Z", 1_704_164_645],
  ["2024-01-02T03:04:05.999999999Z", 1_704_164_645],
  ["2024-01-02T03:04:05+02:00", 1_704_157_445],
  ["2024-01-02T03:04:05-08:30", 1_704_195_245],
  ["1970-01-01T00:00:00Z", 0],
  ["1969-12-31T23:59:58.5Z", -2],
  ["2024-02-29T00:00:00Z", 1_709_164_800],
  ["0001-01-01T00:00:00Z", undefined],
  ["0001-01-01T00:00:01Z", -62_135_596_799],
  [null, undefined],
])("the time %s is %s", (text, wanted) => {
  expect(created(text)).toBe(wanted);
});

test.each([
  "",
  "yesterday",
  "2024-01-02",
  "2024-13-02T03:04:05Z",
  "2023-02-29T00:00:00Z",
  "2024-01-02T24:00:00Z",
  "2024-01-02T03:04:60Z",
  "2024-01-02T03:04:05",
])("the time %j is refused", (text) => {
  expect(() => created(text)).toThrow(code("WIRE_INVALID", /^\.metadata\.creationTimestamp /));
});

test("a microTime keeps its microseconds", () => {
  const spec = { renewTime: "2017-07-14T02:40:00.123456789Z" };
  expect(decodeJson(lease, { spec }).spec.renewTime).toBe(1_500_000_000.123456);
});

test("null is absent everywhere", () => {
  const nulls = {
    metadata: { name: null, labels: null, ownerReferences: null, deletionTimestamp: null },
    spec: null,
    status: { phase: null, containerStatuses: [null] },
  };
  const absent = { status: { containerStatuses: [{}] } };
  expect(decodeJson(pod, nulls)).toStrictEqual(decodeJson(pod, absent));
});

test("what is not declared is ignored, and inherited names are not found", () => {
  expect(decodeJson(pod, { extra: 1, spec: { constructor: 1 } })).toStrictEqual(
    decodeJson(pod, {}),
  );
  expect(Object.keys(decodeJson(pod, { extra: 1 }))).toEqual(["metadata", "spec", "status"]);
});

test("of a duplicate key the last counts", () => {
  expect(decodeJson(pod, parseJson('{"status":{"phase":"A","phase":"B"}}')).status.phase).toBe("B");
});

test("quantities may be numbers", () => {
  const limits = { cpu: 2, memory: 0.5, disk: "1Gi", none: null };
  const [container] = decodeJson(pod, { spec: { containers: [{ resources: { limits } }] } }).spec
    .containers;
  expect(Object.fromEntries(container!.resources.limits)).toEqual({
    cpu: "2",
    memory: "0.5",
    disk: "1Gi",
    none: "0",
  });
});

test("an IntOrString is a number or a string", () => {
  const rollingUpdate = { maxSurge: 3, maxUnavailable: "25%" };
  expect(
    decodeJson(deployment, { spec: { strategy: { rollingUpdate } } }).spec.strategy.rollingUpdate,
  ).toEqual(rollingUpdate);
});

test("integers beyond 2^53 keep their digits where they are shown as text", () => {
  const json =
    '{"metadata":{"generation":9223372036854775807},"spec":{"tolerations":[{"tolerationSeconds":9223372036854775807},{"tolerationSeconds":-9223372036854775808}]}}';
  const { metadata, spec } = decodeJson(pod, parseJson(json));
  expect(metadata.generation).toBe(2 ** 63);
  expect(spec.tolerations.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([
    "9223372036854775807",
    "-9223372036854775808",
  ]);
});

test("strings that look like long integers stay strings", () => {
  expect(parseJson('{"a":"1: 12345678901234567890","b":12345678901234567890,"c":1e400}')).toEqual({
    a: "1: 12345678901234567890",
    b: 12345678901234567890n,
    c: Infinity,
  });
});

test.each([
  [[], /^the object in JSON should be an object and is a list/],
  ["x", /^the object .* is a value of type string/],
  [{ metadata: "x" }, /^\.metadata .* should be an object/],
  [{ metadata: { name: 1 } }, /^\.metadata\.name .* should be a string/],
  [{ metadata: { generation: 1.5 } }, /^\.metadata\.generation .* should be an integer/],
  [{ metadata: { labels: { a: 1 } } }, /^\.metadata\.labels\[a\] .* should be a string/],
  [{ metadata: { ownerReferences: {} } }, /^\.metadata\.ownerReferences .* should be a list/],
  [
    { metadata: { ownerReferences: [{}, { controller: "yes" }] } },
    /^\.metadata\.ownerReferences\[1\]\.controller .* should be true or false/,
  ],
  [
    { status: { containerStatuses: [{ restartCount: 2 ** 31 }] } },
    /^\.status\.containerStatuses\[0\]\.restartCount .* 32 bits/,
  ],
  [{ spec: { overhead: { cpu: true } } }, /^\.spec\.overhead\[cpu\] .* should be a quantity/],
])("a value of a wrong type in %j is refused and its path named", (value, message) => {
  expect(() => decodeJson(pod, value)).toThrow(code("WIRE_INVALID", message));
});

test("JSON that cannot be parsed is an error of ours", () => {
  expect(() => parseJson("{")).toThrow(code("WIRE_INVALID", /^JSON cannot be parsed/));
});
