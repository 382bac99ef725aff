import { expect, test } from "vitest";
import { familyHeader } from "./family-header.ts";

const family = { name: "kube_ferry_info", help: "About the ferry.", type: "gauge" } as const;

test("an ALPHA family has no marker", () => {
  expect(familyHeader({ ...family, stability: "ALPHA" }, "text")).toBe(
    "# HELP kube_ferry_info About the ferry.\n# TYPE kube_ferry_info gauge\n",
  );
});

test("a STABLE family is marked, and a deprecation stands behind the marker", () => {
  expect(
    familyHeader({ ...family, stability: "STABLE", deprecatedSince: "v2.14.0" }, "text"),
  ).toMatch(
    /^# HELP kube_ferry_info \[STABLE\] \(Deprecated since v2\.14\.0\) About the ferry\.\n/,
  );
});

test("an empty help text leaves a trailing blank", () => {
  expect(familyHeader({ ...family, help: "" }, "text")).toMatch(/^# HELP kube_ferry_info \n/);
});

test("HELP text is escaped", () => {
  expect(familyHeader({ ...family, help: 'a\nb "c"' }, "text")).toMatch(
    /^# HELP kube_ferry_info a\\nb "c"\n/,
  );
});

test.each([
  ["gauge", "gauge", "gauge"],
  ["counter", "counter", "counter"],
  ["info", "gauge", "info"],
  ["stateset", "gauge", "stateset"],
] as const)("%s is typed %s in text and %s in OpenMetrics", (type, text, openMetrics) => {
  const wordIn = (format: "text" | "openmetrics") =>
    /# TYPE kube_ferry_info (\w+)\n$/.exec(familyHeader({ ...family, type }, format))?.[1];
  expect([wordIn("text"), wordIn("openmetrics")]).toEqual([text, openMetrics]);
});
