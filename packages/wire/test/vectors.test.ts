import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeJson, decodeProtobuf, encodeProtobuf, parseJson } from "../src/index.ts";
import { messageOfKind } from "./messages.ts";

interface Case {
  readonly name: string;
  readonly object: { readonly kind: string };
}

const folder = new URL("../../../test/conformance/vectors/", import.meta.url);
const files = readdirSync(folder).filter(
  (file) =>
    file.endsWith(".json") &&
    !["custom-resource-state.json", "service-discovery.json"].includes(file),
);
/** JSON that no API server writes: it has no protobuf form that would say the same. */
const jsonOnly = /raw|time-offset-fraction|created-zero/;

describe.each(files)("%s", (file) => {
  const { cases } = parseJson(readFileSync(new URL(file, folder), "utf8")) as { cases: Case[] };
  const kind = cases[0]!.object.kind;
  const message = messageOfKind(kind);

  test("decodes every object from JSON", () => {
    for (const { object } of cases) expect(decodeJson(message, object)).toBeDefined();
  });

  test("decodes to the same from protobuf where a server could have sent it", () => {
    for (const { object } of cases.filter(({ name }) => !jsonOnly.test(name)))
      expect(decodeProtobuf(message, encodeProtobuf(message, object))).toStrictEqual(
        decodeJson(message, object),
      );
  });
});
