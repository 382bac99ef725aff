import { describe, expect, test } from "vitest";
import { relabelRules } from "../src/relabel-config.ts";
import { hashmod, relabel } from "../src/relabel.ts";
import { SettingProblem, type YamlValue } from "../src/yaml-values.ts";

type Labels = Readonly<Record<string, string>>;

/** The labels after one or more rules; undefined when dropped. */
function after(
  labels: Labels,
  rules: YamlValue,
  scheme: "utf8" | "legacy" = "utf8",
): Labels | undefined {
  const compiled = relabelRules(Array.isArray(rules) ? rules : [rules], "relabel_configs", scheme);
  const result = relabel(new Map(Object.entries(labels)), compiled);
  return result.kind === "kept" ? Object.fromEntries(result.labels) : undefined;
}

describe("a rule", () => {
  test.each<[what: string, labels: Labels, rule: YamlValue, expected: Labels | undefined]>([
    [
      "replace fills in groups",
      { a: "foo" },
      { source_labels: ["a"], regex: "f(.*)", target_label: "d", replacement: "ch${1}-ch${1}" },
      { a: "foo", d: "choo-choo" },
    ],
    [
      "replace joins its sources with ;",
      { a: "foo", b: "bar" },
      {
        source_labels: ["a", "b"],
        regex: "f(.*);(.*)r",
        target_label: "a",
        replacement: "b${1}${2}m",
      },
      { a: "boobam", b: "bar" },
    ],
    [
      "replace takes another separator",
      { a: "1", b: "2" },
      { source_labels: ["a", "b"], separator: "-", target_label: "c" },
      { a: "1", b: "2", c: "1-2" },
    ],
    [
      "the regex is anchored",
      { a: "foo" },
      { source_labels: ["a"], regex: "f|o", action: "drop" },
      { a: "foo" },
    ],
    [
      "replace without a match changes nothing",
      { a: "boo" },
      { source_labels: ["a"], regex: "f", target_label: "b", replacement: "bar" },
      { a: "boo" },
    ],
    [
      "an empty value deletes",
      { a: "foo", f: "baz" },
      { source_labels: ["a"], regex: "(f).*", target_label: "$1", replacement: "$2" },
      { a: "foo" },
    ],
    [
      "the target may be filled in",
      { a: "some-name-value" },
      {
        source_labels: ["a"],
        regex: "some-([^-]+)-([^,]+)",
        target_label: "${1}",
        replacement: "${2}",
      },
      { a: "some-name-value", name: "value" },
    ],
    [
      "a target that is empty after filling in changes nothing",
      { a: "x" },
      { source_labels: ["a"], regex: "(y)?x", target_label: "$1" },
      { a: "x" },
    ],
    [
      "labelmap copies by name",
      { a: "foo", b1: "bar", b2: "baz" },
      { regex: "(b.*)", replacement: "bar_${1}", action: "labelmap" },
      { a: "foo", b1: "bar", b2: "baz", bar_b1: "bar", bar_b2: "baz" },
    ],
    [
      "labelmap takes the list of labels before it starts",
      { a: "1" },
      { regex: "(a+)", replacement: "a${1}", action: "labelmap" },
      { a: "1", aa: "1" },
    ],
    [
      "labelkeep",
      { a: "foo", b1: "bar", b2: "baz" },
      { regex: "(b.*)", action: "labelkeep" },
      { b1: "bar", b2: "baz" },
    ],
    [
      "labeldrop",
      { a: "foo", b1: "bar", b2: "baz" },
      { regex: "(b.*)", action: "labeldrop" },
      { a: "foo" },
    ],
    [
      "uppercase",
      { foo: "bAr123Foo" },
      { source_labels: ["foo"], target_label: "u", action: "uppercase" },
      { foo: "bAr123Foo", u: "BAR123FOO" },
    ],
    [
      "letters are turned one by one, as Go does",
      { foo: "straße ΣΑΣ İ" },
      [
        { source_labels: ["foo"], target_label: "u", action: "uppercase" },
        { source_labels: ["foo"], target_label: "l", action: "lowercase" },
      ],
      { foo: "straße ΣΑΣ İ", u: "STRAßE ΣΑΣ İ", l: "straße σασ i" },
    ],
    [
      "keepequal keeps equals",
      { a: "1234", b: "1234" },
      { source_labels: ["a"], target_label: "b", action: "keepequal" },
      { a: "1234", b: "1234" },
    ],
    [
      "keepequal drops others",
      { a: "1234", b: "5" },
      { source_labels: ["a"], target_label: "b", action: "keepequal" },
      undefined,
    ],
    [
      "dropequal drops equals",
      { a: "1234", b: "1234" },
      { source_labels: ["a"], target_label: "b", action: "dropequal" },
      undefined,
    ],
    [
      "two missing labels are equal",
      { a: "1" },
      { source_labels: ["x"], target_label: "y", action: "dropequal" },
      undefined,
    ],
    [
      "a dot matches a line feed",
      { a: "line1\nline2" },
      { source_labels: ["a"], regex: "line1.*line2", target_label: "d", replacement: "match${1}" },
      { a: "line1\nline2", d: "match" },
    ],
    [
      "a regex that is null matches the empty text only",
      { a: "x" },
      { source_labels: ["a"], regex: null, action: "keep" },
      undefined,
    ],
    [
      "keep of a missing label sees the empty text",
      { a: "x" },
      { source_labels: ["nope"], regex: "", action: "keep" },
      { a: "x" },
    ],
    [
      "named groups",
      { a: "x-y" },
      {
        source_labels: ["a"],
        regex: "(?P<left>.)-(?P<right>.)",
        target_label: "b",
        replacement: "$right$left",
      },
      { a: "x-y", b: "yx" },
    ],
    [
      "$1x is the group named 1x",
      { a: "v" },
      { source_labels: ["a"], target_label: "b", replacement: "-$1x-$$-$-${9}-$constructor" },
      { a: "v", b: "--$-$--" },
    ],
    [
      "actions are case-insensitive",
      { a: "x" },
      { source_labels: ["a"], regex: "x", action: "DROP" },
      undefined,
    ],
    [
      "no source labels give the empty text",
      { a: "x" },
      { target_label: "b", replacement: "fixed" },
      { a: "x", b: "fixed" },
    ],
    [
      "hashmod",
      { a: "foo", b: "bar" },
      {
        source_labels: ["a", "b"],
        separator: "\n",
        target_label: "h",
        modulus: "1000",
        action: "hashmod",
      },
      { a: "foo", b: "bar", h: "734" },
    ],
    [
      "a label of any name is a label",
      { a: "x" },
      { source_labels: ["a"], target_label: "__proto__" },
      Object.fromEntries([
        ["a", "x"],
        ["__proto__", "x"],
      ]),
    ],
    [
      "a UTF-8 name",
      { a: "x" },
      { source_labels: ["a"], target_label: "größe.x" },
      { a: "x", "größe.x": "x" },
    ],
  ])("%s", (...[, labels, rule, expected]) => {
    expect(after(labels, rule)).toEqual(expected);
  });

  test("rules see what the rules before them have made", () => {
    const rules = [
      { source_labels: ["a"], target_label: "b" },
      { source_labels: ["b"], regex: "x", action: "drop" },
      { target_label: "never" },
    ];
    expect(after({ a: "x" }, rules)).toBeUndefined();
    expect(after({ a: "y" }, rules.slice(0, 2))).toEqual({ a: "y", b: "y" });
  });

  test("with the legacy scheme a target that is not a legacy name changes nothing", () => {
    const rule = { source_labels: ["a"], target_label: "${1}" };
    expect(after({ a: "x.y" }, rule, "legacy")).toEqual({ a: "x.y" });
    expect(after({ a: "x.y" }, rule)).toEqual({ a: "x.y", "x.y": "x.y" });
  });
});

test.each([
  ["baz", [[1000, 976]]],
  ["foo\nbar", [[1000, 734]]],
  [
    "10.0.0.1:8080",
    [
      [2, 0],
      [3, 0],
      [4, 0],
      [16, 12],
      [1000, 260],
    ],
  ],
  [
    "10.0.0.2:8080",
    [
      [2, 0],
      [3, 1],
      [4, 0],
      [16, 0],
      [1000, 472],
    ],
  ],
  [
    "10.244.1.5:8080",
    [
      [2, 1],
      [3, 2],
      [4, 1],
      [16, 1],
      [1000, 841],
    ],
  ],
  [
    "kube-system",
    [
      [2, 1],
      [3, 2],
      [4, 3],
      [16, 3],
      [1000, 683],
    ],
  ],
  [
    "a;b",
    [
      [2, 0],
      [3, 2],
      [4, 2],
      [16, 10],
      [1000, 74],
    ],
  ],
  [
    "",
    [
      [2, 0],
      [3, 1],
      [4, 2],
      [16, 14],
      [1000, 958],
    ],
  ],
])("the hash of %j is Prometheus's", (value, results) => {
  for (const [modulus = 0, result = 0] of results)
    expect(hashmod(value, BigInt(modulus))).toBe(BigInt(result));
});

test.each<[rule: YamlValue, key: string, reason: RegExp]>([
  [{ action: "explode" }, "action", /no action "explode"/],
  [{ action: "hashmod", target_label: "a" }, "modulus", /above 0/],
  [{ action: "hashmod", target_label: "a", modulus: "-1" }, "modulus", /unsigned/],
  [{ source_labels: ["a"] }, "target_label", /is missing/],
  [{ action: "keepequal", source_labels: ["a"] }, "target_label", /is missing/],
  [{ action: "lowercase", target_label: "a", replacement: "x" }, "replacement", /does not use it/],
  [{ action: "dropequal", target_label: "a", regex: "x" }, "regex", /does not use it/],
  [{ action: "labeldrop", source_labels: ["a"], regex: "x" }, "source_labels", /does not use it/],
  [{ target_label: "a", regex: "(?=x)" }, "regex", /not an RE2 regular expression/],
  [{ target_label: "a", regex: "(a)\\1" }, "regex", /not an RE2 regular expression/],
  [{ target_label: "a", regex: "(" }, "regex", /not an RE2 regular expression/],
  [{ target_label: "a", source_labels: "b" }, "source_labels", /not a list/],
  [{ target_lable: "a" }, "target_lable", /no such key/],
  ["replace", "", /not a mapping/],
])("the rule %j is refused: %s", (rule, key, reason) => {
  const read = (): unknown => relabelRules([rule], "rules", "utf8");
  expect(read).toThrow(SettingProblem);
  expect(read).toThrow(reason);
  expect(read).toThrow(
    expect.objectContaining({ key: key === "" ? "rules[0]" : `rules[0].${key}` }),
  );
});

test("with the legacy scheme names are checked when the rule is read", () => {
  const read = (rule: YamlValue) => () => relabelRules([rule], "r", "legacy");
  expect(read({ target_label: "a.b" })).toThrow(/not a label name/);
  expect(read({ target_label: "a_${1}" })).not.toThrow();
  expect(read({ action: "labelmap", replacement: "x.y" })).toThrow(/not a label name/);
});
