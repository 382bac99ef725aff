import fc from "fast-check";
import { expect, test } from "vitest";
import { kubernetesLabels, sanitizeLabelName } from "./label-name.ts";

test.each([
  ["app.kubernetes.io/name", "label_app_kubernetes_io_name"],
  ["camelCase", "label_camel_case"],
  ["snake_camelCase", "label_snake_camel_case"],
  ["fooBar.Baz-Qux", "label_foo_bar_baz_qux"],
  ["ABc", "label_abc"],
  ["aBCd", "label_a_bcd"],
  ["x1Y2Z", "label_x1_y2_z"],
  ["0_app3", "label_0_app3"],
  ["$app4", "label__app4"],
  ["_app5", "label__app5"],
  ["", "label_"],
  ["a🚀b", "label_a_b"],
])("the key %j is named %s", (key, name) => {
  expect(kubernetesLabels("label", [[key, "v"]])).toEqual([[name, "v"]]);
});

const conflicts: [string, Record<string, string>, [string, string][]][] = [
  [
    "three keys with one name all get a suffix",
    { "a-b": "1", "a.b": "2", a_b: "3" },
    [
      ["label_a_b_conflict1", "1"],
      ["label_a_b_conflict2", "2"],
      ["label_a_b_conflict3", "3"],
    ],
  ],
  [
    "keys that differ in case conflict",
    { App: "1", app: "2" },
    [
      ["label_app_conflict1", "1"],
      ["label_app_conflict2", "2"],
    ],
  ],
  [
    "camel case conflicts with snake case",
    { conflicting_camelCase: "c", conflicting_camel_case: "s" },
    [
      ["label_conflicting_camel_case_conflict1", "c"],
      ["label_conflicting_camel_case_conflict2", "s"],
    ],
  ],
  [
    "a suffix that is a key's own name is skipped",
    { "A.b.conflict1": "t", "a-b": "d", "a.b": "o" },
    [
      ["label_a_b_conflict1", "t"],
      ["label_a_b_conflict2", "d"],
      ["label_a_b_conflict3", "o"],
    ],
  ],
  [
    "a key whose own name was handed out as a suffix starts a chain",
    { "a-b": "1", "a.b": "2", a_b_conflict2: "3" },
    [
      ["label_a_b_conflict1", "1"],
      ["label_a_b_conflict2_conflict1", "2"],
      ["label_a_b_conflict2_conflict2", "3"],
    ],
  ],
];

test.each(conflicts)("%s", (_, keys, labels) => {
  expect(kubernetesLabels("label", new Map(Object.entries(keys)))).toEqual(labels);
});

test("labels come in byte order of the original keys, whatever order the map has", () => {
  const keys = ["zebra", "_u", "Upper", "9", "/", ".", "-", "\u{10000}", "\uffff"];
  const values = kubernetesLabels(
    "label",
    keys.map((key) => [key, key] as const),
  ).map(([, value]) => value);
  expect(values).toEqual(["-", ".", "/", "9", "Upper", "_u", "zebra", "\uffff", "\u{10000}"]);
});

test("the annotations of one object and the labels of another do not share names", () => {
  expect(kubernetesLabels("annotation", [["a.b", "1"]])).toEqual([["annotation_a_b", "1"]]);
  expect(kubernetesLabels("label", [["a.b", "1"]])).toEqual([["label_a_b", "1"]]);
});

test("names are unique and valid for any set of keys, and values stay with their keys", () => {
  const key = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[aAbB._-]{1,4}$/),
    fc.stringMatching(/^a[._-]b(_conflict[12])?$/),
  );
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 12 }), (keys) => {
      const labels = kubernetesLabels(
        "label",
        keys.map((text) => [text, text] as const),
      );
      expect(new Set(labels.map(([name]) => name)).size).toBe(keys.length);
      expect(labels.map(([, value]) => value)).toEqual(
        keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      for (const [name] of labels) expect(name).toMatch(/^label_[a-z0-9_]*$/);
    }),
  );
});

test.each([
  ["nvidia.com/gpu", "nvidia_com_gpu"],
  ["hugepages-2Mi", "hugepages_2Mi"],
  ["camelCase", "camelCase"],
  ["🚀", "_"],
])("%s is sanitized to %s", (text, name) => {
  expect(sanitizeLabelName(text)).toBe(name);
});
