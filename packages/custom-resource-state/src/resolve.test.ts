import { expect, test } from "vitest";
import { readConfiguration } from "./configuration.ts";
import type { CustomKind } from "./custom-resource.ts";
import { resolve } from "./resolve.ts";

const kind = (group: string, version: string, name: string): CustomKind => ({
  group,
  version,
  kind: name,
  plural: `${name.toLowerCase()}s`,
  namespaced: true,
});
const kinds = [
  kind("a.example", "v1", "Ship"),
  kind("a.example", "v2", "Ship"),
  kind("a.example", "v1", "Dock"),
  kind("b.example", "v1", "Ship"),
];

function resolved(...items: Record<string, string>[]) {
  const spec = { resources: items.map((groupVersionKind) => ({ groupVersionKind })) };
  const text = JSON.stringify({ spec });
  return resolve(readConfiguration([{ name: "crs", text }]), kinds);
}

test.each<[string, string, string[]]>([
  ["v1", "Ship", ["a.example/v1, Resource=ships"]],
  ["v3", "Ship", []],
  ["v1*", "Ship", []],
  ["v1", "*", ["a.example/v1, Resource=ships", "a.example/v1, Resource=docks"]],
  ["*", "Ship", ["a.example/v1, Resource=ships", "a.example/v2, Resource=ships"]],
  ["", "Dock", ["a.example/v1, Resource=docks"]],
  [
    "*",
    "",
    [
      "a.example/v1, Resource=ships",
      "a.example/v2, Resource=ships",
      "a.example/v1, Resource=docks",
    ],
  ],
])("version %j and kind %j of a group name what it has of them", (version, name, wanted) => {
  const { matches, unmatched } = resolved({ group: "a.example", version, kind: name });
  expect([...matches.keys()]).toEqual(wanted);
  expect(unmatched).toHaveLength(wanted.length === 0 ? 1 : 0);
});

test("of several items for one resource the last counts, and the others are told", () => {
  const { matches, shadowed } = resolved(
    { group: "a.example", version: "v1", kind: "Ship" },
    { group: "a.example", version: "*", kind: "*" },
  );
  expect(matches.get("a.example/v1, Resource=ships")?.configured.where).toBe(
    "crs: spec.resources[1]",
  );
  expect(shadowed.map(({ configured }) => configured.where)).toEqual(["crs: spec.resources[0]"]);
});

test("a group is never a pattern: without one the item is left out with a warning, others go on", () => {
  const items = ["", "*", "b.example"].map((group) => ({ group, version: "*", kind: "*" }));
  const { matches } = resolved(...items);
  expect([...matches.keys()]).toEqual(["b.example/v1, Resource=ships"]);
  const text = JSON.stringify({ spec: { resources: [{ groupVersionKind: { group: "*" } }] } });
  expect(readConfiguration([{ name: "crs", text }]).warnings).toEqual([
    "crs:1:52: spec.resources[0].groupVersionKind.group: a group is required, and no pattern: this resource is left out",
  ]);
});
