import { expect, test } from "vitest";
import { readDefinition } from "./definition.ts";

const names = { kind: "Ship", plural: "ships" };

test("every served version of a definition is a kind; scope tells about namespaces", () => {
  const versions = [
    { name: "v1", served: true },
    { name: "v1beta1", served: false },
    { name: "v2" },
    { name: "v3", served: "yes" },
    { served: true },
    "v4",
  ];
  const kind = { group: "a.example", kind: "Ship", plural: "ships" };
  for (const [scope, namespaced] of [
    ["Namespaced", true],
    ["Cluster", false],
  ] as const)
    expect(readDefinition({ spec: { group: "a.example", names, scope, versions } })).toEqual({
      kinds: [
        { ...kind, version: "v1", namespaced },
        { ...kind, version: "v2", namespaced },
      ],
      skipped: [
        "version v1beta1 is not served",
        "served of version v3 is neither true nor false",
        "spec.versions[4] has no name",
        "spec.versions[5] has no name",
      ],
    });
});

test.each([
  [{}],
  [{ spec: null }],
  [{ spec: { names, versions: [] } }],
  [{ spec: { group: 1, names, versions: [] } }],
  [{ spec: { group: "a.example", names: { kind: "Ship" }, versions: [] } }],
  [{ spec: { group: "a.example", names } }],
  [{ spec: { group: "a.example", names, versions: {} } }],
])("the malformed definition %j has no kinds, and a reason", (object) => {
  const { kinds, skipped } = readDefinition(object);
  expect(kinds).toEqual([]);
  expect(skipped).toEqual([expect.stringMatching(/^it has no /)]);
});
