import fc from "fast-check";
import { expect, test } from "vitest";
import { writeNameKey, writeUidKey } from "./key.ts";

function uidKey(uid: string): string {
  const key = new Uint32Array(4);
  writeUidKey(uid, key);
  return [...key].map((word) => word.toString(16).padStart(8, "0")).join("");
}

function nameKey(namespace: string, name: string): string {
  const key = new Uint32Array(4);
  writeNameKey(namespace, name, key);
  return key.join();
}

test("the key of a UUID is its own bits", () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      expect(uidKey(uuid)).toBe(uuid.replaceAll("-", ""));
    }),
  );
});

const uuid = "7f3a1c52-0000-4000-8000-00000000000a";

test.each([
  ["upper case", uuid.toUpperCase()],
  ["a cut one", uuid.slice(0, -1)],
  ["a long one", `${uuid}0`],
  ["a dash elsewhere", "7f3a1c5-20000-4000-8000-00000000000a"],
  ["no dashes", uuid.replaceAll("-", "")],
  ["a letter that is no digit", uuid.replace("a", "g")],
  ["empty", ""],
  ["any text", "node-1"],
])("%s is another UID", (_, uid) => {
  expect(uidKey(uid)).not.toBe(uidKey(uuid));
});

test("namespace and name do not run into each other", () => {
  expect(nameKey("a", "bc")).not.toBe(nameKey("ab", "c"));
  expect(nameKey("", "a")).not.toBe(nameKey("a", ""));
});
