import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHelp, escapeLabelValue } from "./escape.ts";
import { parseExposition } from "./parse-exposition.ts";

test.each([
  ["plain", "plain"],
  ["", ""],
  ["back\\slash", "back\\\\slash"],
  ["line\nfeed", "line\\nfeed"],
  ['double "quote"', 'double \\"quote\\"'],
  ["tab\t return\r bell\u0007", "tab\t return\r bell\u0007"],
  ["grüße 🚀", "grüße 🚀"],
  ["🚀\n", "🚀\\n"],
  ["\\n", "\\\\n"],
  ["lone \ud800!", "lone \ufffd!"],
  ['\udc00"', '\ufffd\\"'],
])("the label value %j is written %j", (value, text) => {
  expect(escapeLabelValue(value)).toBe(text);
});

test("HELP text escapes backslash and line feed, and leaves double quotes and carriage returns", () => {
  expect(escapeHelp('a "b"\r c\\d\ne')).toBe('a "b"\r c\\\\d\\ne');
  expect(escapeHelp("plain")).toBe("plain");
  expect(escapeHelp("\ud800")).toBe("\ufffd");
});

test("label values and HELP texts come back from the parser unchanged", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, (value, help) => {
      const exposition = `# HELP m ${escapeHelp(help)}\nm{a="${escapeLabelValue(value)}"} 1\n`;
      expect(parseExposition(exposition, "text")).toEqual([
        {
          name: "m",
          help,
          type: "untyped",
          samples: [{ name: "m", labels: [["a", value]], value: 1 }],
        },
      ]);
    }),
  );
});
