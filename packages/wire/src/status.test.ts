import { expect, test } from "vitest";
import { encodeObject, encodeStatus } from "./protobuf-encode.ts";
import { parseStatus } from "./status.ts";

const expired = {
  kind: "Status",
  apiVersion: "v1",
  metadata: { continue: "inconsistent" },
  status: "Failure",
  message: "The provided continue parameter is too old",
  reason: "Expired",
  details: {
    retryAfterSeconds: 1,
    causes: [
      { reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "f" },
    ],
  },
  code: 410,
};
const wanted = {
  code: 410,
  reason: "Expired",
  message: "The provided continue parameter is too old",
  causes: [
    { reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "f" },
  ],
  retryAfterSeconds: 1,
};

test("a Status is read from JSON and from protobuf by looking at the bytes", () => {
  expect(parseStatus(Buffer.from(JSON.stringify(expired)))).toEqual(wanted);
  expect(parseStatus(Buffer.from(` ${JSON.stringify(expired, null, 2)}\n`))).toEqual(wanted);
  expect(parseStatus(encodeStatus(expired))).toEqual(wanted);
  expect(parseStatus(new Uint8Array(encodeStatus(expired)))).toEqual(wanted);
});

test("a Status without details has no causes and no delay", () => {
  expect(parseStatus(Buffer.from('{"kind":"Status","code":504}'))).toEqual({
    code: 504,
    reason: "",
    message: "",
    causes: [],
    retryAfterSeconds: 0,
  });
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["text", Buffer.from("Too many requests, please try again later.\n")],
  ["HTML", Buffer.from("<html><body>502 Bad Gateway</body></html>")],
  ["null", Buffer.from("null")],
  ["a JSON array", Buffer.from("[]")],
  ["another JSON object", Buffer.from('{"kind":"Pod"}')],
  ["a Status of wrong types", Buffer.from('{"kind":"Status","code":"x"}')],
  ["another protobuf object", encodeObject({ apiVersion: "v1", kind: "Pod" }, Buffer.alloc(0))],
  ["bytes that are not UTF-8", Buffer.from([0xff, 0xfe, 0])],
])("%s is no Status", (_name, body) => {
  expect(parseStatus(body)).toBeUndefined();
});

test("a Status in JSON that was cut off is none, wherever", () => {
  const body = Buffer.from(JSON.stringify(expired));
  for (let length = 0; length < body.length; length++)
    expect(parseStatus(body.subarray(0, length))).toBeUndefined();
});

test("a Status in protobuf that was cut off is none, or says nothing where its message is missing whole", () => {
  const body = encodeStatus(expired).subarray(0, -4);
  const nothing = { code: 0, reason: "", message: "", causes: [], retryAfterSeconds: 0 };
  for (let length = 0; length < body.length; length++)
    expect([undefined, nothing]).toContainEqual(parseStatus(body.subarray(0, length)));
});
