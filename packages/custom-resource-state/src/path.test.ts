import { expect, test } from "vitest";
import { compilePath, PathFault } from "./path.ts";

const object = {
  name: "foo",
  "a=b=c": 1,
  "x=y": 2,
  "dotted.key": { "in/ner": 3 },
  list: ["zero", "one", "two"],
  none: null,
  conditions: [
    "text",
    { type: "Synced", status: "False", value: "yes" },
    { type: "Ready", status: "Unknown", value: true, note: "a=b" },
    { type: "Old", count: 3, value: "1.0" },
  ],
};

test.each<[string[], unknown]>([
  [[], object],
  [["name"], "foo"],
  [["missing"], undefined],
  [["none"], undefined],
  [["none", "deeper"], undefined],
  [["name", "deeper"], undefined],
  [["constructor"], undefined],
  [["dotted.key", "in/ner"], 3],
  [["dotted", "key"], undefined],
  [["list", "1"], "one"],
  [["list", "+1"], "one"],
  [["list", "-1"], "two"],
  [["list", "3"], undefined],
  [["list", "-4"], undefined],
  [["list", "x"], undefined],
  [["list", "1.0"], undefined],
  // A step with one `=` is a key and its wanted value, else a key.
  [["name=foo"], "foo"],
  [["name=bar"], undefined],
  [["x=y"], 2],
  [["a=b=c"], 1],
  // The first element that matches as text, number or boolean.
  [["conditions", "[type=Ready]", "status"], "Unknown"],
  [["conditions", "[type=None]"], undefined],
  [["conditions", "[status=Unknown]", "type"], "Synced"],
  [["conditions", "[value=1]", "type"], "Synced"],
  [["conditions", "[value=t]", "type"], "Ready"],
  [["conditions", "[count=3]", "type"], "Old"],
  [["conditions", "[note=a=b]", "type"], "Ready"],
  [["conditions", "[constructor=x]"], undefined],
  [["dotted.key", "[in/ner=3]"], undefined],
])("%j selects %j", (steps, wanted) => {
  const path = compilePath(steps);
  expect(path).not.toBeInstanceOf(PathFault);
  expect((path as Exclude<typeof path, PathFault>).of(object)).toEqual(wanted);
});

test.each([
  [["a", "[Ready]"], 1],
  [["[]"], 0],
] as const)("a lookup without = is no step: %j", (steps, index) => {
  expect(compilePath(steps)).toMatchObject({
    index,
    reason: expect.stringContaining("[key=value]"),
  });
});

test("a path is shown by its steps", () => {
  expect(compilePath(["status", "[type=Ready]"])).toMatchObject({ text: "[status,[type=Ready]]" });
});
