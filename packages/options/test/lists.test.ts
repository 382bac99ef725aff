import { describe, expect, test } from "vitest";

import { allowListFor } from "../src/index.ts";
import { optionsOf, problemsOf } from "./parse.ts";
import {
  allowMapVectors,
  badAllowMaps,
  defaultResources,
  namespaceVectors,
  setVectors,
} from "./reference.ts";

describe("sets", () => {
  test.each(setVectors)("$in", ({ in: text, out }) => {
    expect(optionsOf(["--metric-opt-in-list", text]).metricOptInList).toEqual(out);
  });

  test("repeating the flag adds", () => {
    expect(optionsOf("--metric-allowlist=c,a --metric-allowlist=b,a").metricAllowlist).toEqual([
      "a",
      "b",
      "c",
    ]);
  });
});

describe("namespaces", () => {
  test.each(namespaceVectors)("$in", ({ in: text, out }) => {
    expect(optionsOf(["--namespaces", text]).namespaces).toEqual(out);
  });

  test("repeating the flag appends", () => {
    expect(optionsOf("--namespaces=b --namespaces=a,b").namespaces).toEqual(["b", "a", "b"]);
  });
});

describe("allow maps", () => {
  test.each(allowMapVectors)("$in", ({ in: text, out }) => {
    expect(optionsOf(["--metric-labels-allowlist", text]).metricLabelsAllowlist).toEqual(out);
    expect(
      optionsOf([`--metric-annotations-allowlist=${text}`]).metricAnnotationsAllowlist,
    ).toEqual(out);
  });

  test.each(badAllowMaps)("$in is refused", (bad) => {
    const reason =
      "reason" in bad
        ? bad.reason
        : `not of the form pods=[app,team],nodes=[*]: the "${bad.character}" at position ${bad.position} is out of place`;
    expect(problemsOf(["--metric-labels-allowlist", bad.in])).toEqual([
      `--metric-labels-allowlist=${bad.in}: ${reason}`,
    ]);
  });

  test("repeating the flag replaces all", () => {
    const line = "--metric-labels-allowlist=pods=[a] --metric-labels-allowlist=nodes=[b]";
    expect(optionsOf(line).metricLabelsAllowlist).toEqual({ nodes: ["b"] });
  });

  test("the resource * replaces all others", () => {
    const map = optionsOf("--metric-labels-allowlist=pods=[a],*=[b]").metricLabelsAllowlist;
    expect([allowListFor(map, "pods"), allowListFor(map, "nodes")]).toEqual([["b"], ["b"]]);
  });

  test("a resource has its own list, or an empty one", () => {
    const map = optionsOf("--metric-labels-allowlist=pods=[a]").metricLabelsAllowlist;
    expect(allowListFor(map, "pods")).toEqual(["a"]);
    expect(allowListFor(map, "nodes")).toEqual([]);
    expect(allowListFor(map, "constructor")).toEqual([]);
  });

  test("a resource that is not enabled may be named", () => {
    const line = "--resources=pods --metric-annotations-allowlist=roles=[a]";
    expect(optionsOf(line).metricAnnotationsAllowlist).toEqual({ roles: ["a"] });
  });

  test.each(["pod=[a]", "__proto__=[a]", "a]"])("%s names no resource", (text) => {
    expect(problemsOf(["--metric-labels-allowlist", text])).toEqual([
      expect.stringContaining("there is no resource "),
    ]);
  });
});

describe("resources", () => {
  test("none named means the default ones, sorted", () => {
    expect(optionsOf("").resources).toEqual(defaultResources);
  });

  test("opt-in resources are named like others", () => {
    expect(optionsOf("--resources=roles,endpoints").resources).toEqual(["endpoints", "roles"]);
  });

  test("custom resources only means no other, whatever is named", () => {
    expect(optionsOf("--custom-resource-state-only --resources=nonsense").resources).toEqual([]);
  });

  test("an unknown one names the nearest, each its own line", () => {
    expect(problemsOf("--resources=pod,deploy,confgmaps")).toEqual([
      '--resources=pod,deploy,confgmaps: there is no resource "confgmaps"; did you mean configmaps?',
      '--resources=pod,deploy,confgmaps: there is no resource "deploy"; did you mean deployments?',
      '--resources=pod,deploy,confgmaps: there is no resource "pod"; did you mean pods?',
    ]);
  });

  test("one that is like no other lists all", () => {
    expect(problemsOf("--resources=zzzzzzzz")[0]).toMatch(
      /^--resources=zzzzzzzz: there is no resource "zzzzzzzz"; known are certificatesigningrequests, .*, serviceaccounts$/,
    );
  });
});
