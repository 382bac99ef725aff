import { expect, test } from "vitest";
import { decodeJson } from "./json-decode.ts";
import { decodeProtobuf } from "./protobuf-decode.ts";
import { encodeProtobuf } from "./protobuf-encode.ts";
import { message, omit, optional, string, type Message } from "./schema.ts";
import { pod } from "./index.ts";

const object = {
  metadata: { name: "a", labels: { l: "1" }, annotations: { x: "y" }, uid: "u" },
  spec: { nodeName: "n", containers: [{ name: "c", resources: { limits: { cpu: "1" } } }] },
};

test("omitted fields decode as if they had not been sent, the others as before", () => {
  const pruned = omit(pod, [
    "metadata.annotations",
    "metadata.labels",
    "spec.containers.resources",
  ]);
  const wanted = decodeJson(pod, {
    metadata: { name: "a", uid: "u" },
    spec: { nodeName: "n", containers: [{ name: "c" }] },
  });
  expect(decodeJson(pruned, object)).toStrictEqual(wanted);
  expect(decodeProtobuf(pruned, encodeProtobuf(pod, object))).toStrictEqual(wanted);
  expect(decodeProtobuf(pod, encodeProtobuf(pod, object)).metadata.annotations.get("x")).toBe("y");
});

test("a field that is not there cannot be omitted", () => {
  expect(() => omit(pod, ["metadata.annotation"])).toThrow(
    "message ObjectMeta has no field annotation",
  );
  expect(() => omit(pod, ["metadata.name.first"])).toThrow(RangeError);
});

interface Ferry {
  readonly captain: string;
  readonly pier: string | undefined;
}

test("the fields of a message are held against its type by the compiler", () => {
  const ferry: Message<Ferry> = message<Ferry>("Ferry", {
    captain: string(1),
    pier: optional(string(2)),
  });
  // @ts-expect-error -- a missing field
  message<Ferry>("Ferry", { captain: string(1) });
  // @ts-expect-error -- a pointer where the type has a value
  message<Ferry>("Ferry", { captain: optional(string(1)), pier: optional(string(2)) });
  // @ts-expect-error -- a value where the type has a pointer
  message<Ferry>("Ferry", { captain: string(1), pier: string(2) });
  // @ts-expect-error -- a field that the type does not have
  message<Ferry>("Ferry", { captain: string(1), pier: optional(string(2)), mast: string(3) });
  expect(decodeJson(ferry, {})).toStrictEqual({ captain: "", pier: undefined });
});
