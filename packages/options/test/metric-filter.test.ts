import { describe, expect, test } from "vitest";

import { optionsOf, problemsOf } from "./parse.ts";

const passes = (words: readonly string[], name: string, optIn = false): boolean =>
  optionsOf(words).metricFilter(name, optIn);

describe("the metric filter", () => {
  test("without lists every family passes that is not opt-in", () => {
    expect(passes([], "kube_pod_info")).toBe(true);
    expect(passes([], "kube_pod_nodeselectors", true)).toBe(false);
  });

  test.each([
    ["kube_pod_info", "kube_pod_info_extra", true],
    ["^kube_pod_info$", "kube_pod_info_extra", false],
    ["pod", "kube_pod_info", true],
    ["^kube_(?!secret)", "kube_secret_info", false],
    ["^kube_(?!secret)", "kube_pod_info", true],
    ["(?<=kube_)pod", "kube_pod_info", true],
    ["kube_node,kube_pod", "kube_pod_info", true],
    ["^kube_\\w+_info$", "kube_pod_info", true],
  ])("the allow list %s on %s", (list, name, expected) => {
    expect(passes(["--metric-allowlist", list], name)).toBe(expected);
    expect(passes(["--metric-denylist", list], name)).toBe(!expected);
  });

  test.each([
    ["kube_pod_nodeselectors", true],
    ["nodesel", true],
    ["^pod", false],
    ["(?i)NODESELECTORS", true],
    ["", false],
  ])("the opt-in list %s", (list, expected) => {
    expect(passes(["--metric-opt-in-list", list], "kube_pod_nodeselectors", true)).toBe(expected);
    expect(passes(["--metric-opt-in-list", list], "kube_pod_info")).toBe(true);
  });

  test("an opt-in family must pass both lists", () => {
    const name = "kube_pod_nodeselectors";
    expect(passes(["--metric-allowlist", name], name, true)).toBe(false);
    expect(passes(["--metric-opt-in-list", name, "--metric-denylist", name], name, true)).toBe(
      false,
    );
    expect(passes(["--metric-opt-in-list", name, "--metric-allowlist", name], name, true)).toBe(
      true,
    );
  });

  test.each([
    [
      "--metric-allowlist",
      "a(",
      '"a(" is not an ECMAScript regular expression: Unterminated group',
    ],
    [
      "--metric-denylist",
      "[",
      '"[" is not an ECMAScript regular expression: Unterminated character class',
    ],
    [
      "--metric-allowlist",
      "(?P<n>a)",
      '"(?P<n>a)" is not an ECMAScript regular expression: Invalid group',
    ],
    [
      "--metric-denylist",
      "\\Akube",
      '"\\Akube" is not an ECMAScript regular expression: \\A is not part of ECMAScript regular expressions',
    ],
    [
      "--metric-opt-in-list",
      "(?=a)",
      '"(?=a)" is not an RE2 regular expression: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      "--metric-opt-in-list",
      "a(",
      '"a(" is not an RE2 regular expression: missing closing ): `a(`',
    ],
  ])("%s %s is refused by name", (flag, expression, reason) => {
    expect(problemsOf([flag, expression])).toEqual([`${flag}=${expression}: ${reason}`]);
  });

  test("each wrong expression of a list is named", () => {
    expect(problemsOf("--metric-denylist=a(,b,c(")).toHaveLength(2);
  });
});
