import { expect, test } from "vitest";
import { parseExposition } from "./parse-exposition.ts";

test("families come with help, type and samples in the order written", () => {
  const text = [
    "# HELP b [STABLE] Second \\\\ letter.",
    "# TYPE b gauge",
    'b{x="1",y="a\\"b\\\\c\\n"} 1.5e+09',
    "b NaN",
    "# HELP a ",
    "# TYPE a counter",
    'c{z=""} -Inf',
    "",
  ].join("\n");
  expect(parseExposition(text, "text")).toEqual([
    {
      name: "b",
      help: "[STABLE] Second \\ letter.",
      type: "gauge",
      samples: [
        {
          name: "b",
          labels: [
            ["x", "1"],
            ["y", 'a"b\\c\n'],
          ],
          value: 1.5e9,
        },
        { name: "b", labels: [], value: Number.NaN },
      ],
    },
    { name: "a", help: "", type: "counter", samples: [] },
    {
      name: "c",
      help: undefined,
      type: "untyped",
      samples: [{ name: "c", labels: [["z", ""]], value: -Infinity }],
    },
  ]);
});

test("an empty text exposition has no families", () => {
  expect(parseExposition("", "text")).toEqual([]);
  expect(parseExposition("# EOF\n", "openmetrics")).toEqual([]);
});

test("the parts of a histogram belong to its family", () => {
  const text = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 2\nh_count 1\nother_count 3\n';
  const families = parseExposition(text, "text");
  expect(families.map(({ name, samples }) => [name, samples.length])).toEqual([
    ["h", 3],
    ["other_count", 1],
  ]);
});

test("blanks, comments, time stamps and a trailing comma are read as Prometheus reads them", () => {
  const text = '# a comment\n\nm{ a = "1", } 2 1700000000\nn{} 3\n';
  expect(parseExposition(text, "text").flatMap(({ samples }) => samples)).toEqual([
    { name: "m", labels: [["a", "1"]], value: 2 },
    { name: "n", labels: [], value: 3 },
  ]);
});

test.each([
  ["a last line without line feed", "m 1\nm2 1", 2, "line feed"],
  ["a series that appears twice", 'm{a="1",b="2"} 1\nm{b="2",a="1"} 2\n', 2, "twice"],
  ["a second HELP line", "# HELP m a\n# HELP m a\n", 2, "second HELP"],
  ["a second TYPE line", "# TYPE m gauge\n# TYPE m gauge\n", 2, "second TYPE"],
  ["a TYPE line after samples", "m 1\n# TYPE m gauge\n", 2, "after its samples"],
  ["an unknown type", "# TYPE m info\n", 1, "unknown type"],
  ["an unfinished TYPE line", "# TYPE m\n", 1, "unreadable comment"],
  ["an unknown escape in a label value", 'm{a="\\t"} 1\n', 1, "unknown escape"],
  ["an unknown escape in HELP", "# HELP m a\\x\n", 1, "unknown escape"],
  ["an unclosed label value", 'm{a="1} 1\n', 1, "closing quote"],
  ["a label that appears twice", 'm{a="1",a="2"} 1\n', 1, "label a appears twice"],
  ["a label name that starts with a digit", 'm{1a="1"} 1\n', 1, "bad label"],
  ["a missing comma between labels", 'm{a="1"b="2"} 1\n', 1, "neither comma nor brace"],
  ["a missing brace", 'm{a="1" 1\n', 1, "neither comma nor brace"],
  ["a metric name that starts with a digit", "1m 1\n", 1, "no metric name"],
  ["a sample without value", 'm{a="1"}\n', 1, "no value"],
  ["a sample without blank", 'm{a="1"}1\n', 1, "no blank"],
  ["a value that is no number", "m 0x10\n", 1, "not a number"],
  ["text after the value", "m 1 2 3\n", 1, "after the value"],
])("%s is refused with its line", (_, ...[text, line, reason]) => {
  expect(() => parseExposition(text, "text")).toThrow(
    expect.objectContaining({
      code: "EXPOSITION_INVALID",
      message: expect.stringContaining(`line ${line}`),
      context: { line, reason: expect.stringContaining(reason) },
    }),
  );
});

test.each([
  ["a missing end", "m 1\n", 2, "# EOF is missing"],
  ["text after the end", "# EOF\nm 1\n", 2, "after # EOF"],
  ["a blank line", "m 1\n\n# EOF\n", 2, "blank line"],
  ["a free comment", "# hello\n# EOF\n", 1, "unreadable comment"],
  ["a type of the text format", "# TYPE m untyped\n# EOF\n", 1, "unknown type"],
])("OpenMetrics with %s is refused", (_, ...[text, line, reason]) => {
  expect(() => parseExposition(text, "openmetrics")).toThrow(
    expect.objectContaining({
      code: "EXPOSITION_INVALID",
      context: { line, reason: expect.stringContaining(reason) },
    }),
  );
});

test("info and stateset are types of OpenMetrics", () => {
  const families = parseExposition("# TYPE a info\n# TYPE b stateset\nc 1\n# EOF\n", "openmetrics");
  expect(families.map(({ type }) => type)).toEqual(["info", "stateset", "unknown"]);
});
