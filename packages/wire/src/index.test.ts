import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as wire from "./index.ts";

test("the functions exported are these", () => {
  const functions = Object.entries(wire).filter(([, value]) => typeof value === "function");
  expect(functions.map(([name]) => name).toSorted()).toEqual([
    "createListReader",
    "createWatchReader",
    "decode",
    "decodeJson",
    "decodeProtobuf",
    "encodeList",
    "encodeObject",
    "encodeProtobuf",
    "encodeStatus",
    "encodeWatchFrame",
    "jsonMessage",
    "omit",
    "parseJson",
    "parseStatus",
  ]);
});

test("there is a message for the kind of every resource with vectors, named for it", () => {
  const folder = new URL("../../../test/conformance/vectors/", import.meta.url);
  const exported = new Map<string, unknown>(Object.entries(wire));
  const files = readdirSync(folder).filter((file) => /^[a-z]+\.json$/.test(file));
  expect(files).toHaveLength(39);
  for (const file of files) {
    const { cases } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as {
      cases: { object: { kind: string } }[];
    };
    const { kind } = cases[0]!.object;
    const name = kind.charAt(0).toLowerCase() + kind.slice(1);
    expect(exported.get(name)).toMatchObject({ name: kind });
  }
});
