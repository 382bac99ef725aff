import { describe, expect, test } from "vitest";

import { optionsOf, problemsOf, warningsOf } from "./parse.ts";

describe("contradictions", () => {
  test.each([
    [
      "--metric-allowlist=a --metric-denylist=b",
      "--metric-allowlist=a contradicts --metric-denylist=b: only one may be set",
    ],
    [
      "--shard=3 --total-shards=3",
      "--shard=3 is outside --total-shards=3: shards count from 0 to 2",
    ],
    ["--shard=1", "--shard=1 is outside --total-shards=1 (the default): shards count from 0 to 0"],
    [
      "--shard=-1 --total-shards=3",
      "--shard=-1 is outside --total-shards=3: shards count from 0 to 2",
    ],
    ["--total-shards=0", "--total-shards=0: at least 1 shard is needed"],
    [
      "--node=n --resources=pods,nodes",
      "--node=n contradicts --resources=pods,nodes: pods alone can be selected by node",
    ],
    [
      "--node=n --resources=pods --object-limit=-1",
      "--object-limit=-1: a limit of 0 (none) or more is needed",
    ],
    [
      "--telemetry-port=8080",
      "--port=8080 (the default) contradicts --telemetry-port=8080: two servers need two ports",
    ],
    [
      "--host=127.0.0.1 --port=8081",
      "--port=8081 contradicts --telemetry-port=8081 (the default): two servers need two ports",
    ],
    [
      "--auto-gomemlimit --auto-gomemlimit-ratio=2",
      "--auto-gomemlimit-ratio=2: a share above 0 and up to 1 is needed",
    ],
    [
      "--auto-gomemlimit --auto-gomemlimit-ratio=0",
      "--auto-gomemlimit-ratio=0: a share above 0 and up to 1 is needed",
    ],
    ["--census=59s", "--census=59s: 0s for none, or at least 1m between two lists of everything"],
    ["--census=-1h", "--census=-1h: 0s for none, or at least 1m between two lists of everything"],
    ["render", "--filename is missing: render needs a file, a directory, or - for standard input"],
  ])("%s", (line, problem) => {
    expect(problemsOf(line)).toEqual([problem]);
  });

  test.each([
    "--node=n --resources=pods",
    "--node=n",
    "--node=n --shard=1 --total-shards=2 --resources=pods",
    "--node=n --track-unscheduled-pods --resources=pods,nodes",
    "--auto-gomemlimit-ratio=2",
    "--auto-gomemlimit --auto-gomemlimit-ratio=1",
    "--object-limit=-1",
    "--census=0",
    "--census=1m",
    "--shard=5 --pod=p --pod-namespace=n",
    "--port=0 --telemetry-port=0",
    "--host=127.0.0.1 --telemetry-host=127.0.0.2 --telemetry-port=8080",
    "--custom-resource-state-config=a --custom-resource-state-config-file=b",
    "render -f -",
  ])("%s is accepted", (line) => {
    expect(problemsOf(line)).toEqual([]);
  });

  test("lists of the file and of flags contradict each other too", () => {
    const files = { c: "metric_denylist: {b: {}}" };
    expect(problemsOf("--metric-allowlist=a --config=c", { files })).toEqual([
      "--metric-allowlist=a contradicts metric_denylist: {b: {}} (in c): only one may be set",
    ]);
  });

  test("a value that could not be read is not judged a second time", () => {
    expect(problemsOf("--shard=5 --total-shards=many")).toEqual([
      "--total-shards=many: not a whole number such as 8080",
    ]);
  });
});

describe("warnings", () => {
  test.each([
    ["--node=n", "--node=n works for pods only: add --resources=pods"],
    [
      "--node=n --track-unscheduled-pods --resources=pods",
      "--node=n is ignored with --track-unscheduled-pods=true",
    ],
    [
      "--track-unscheduled-pods",
      "--track-unscheduled-pods=true works for pods only: use --resources=pods",
    ],
    ["--namespaces=a,b,a", "--namespaces=a,b,a names a more than once"],
    [
      "--namespaces=a --namespaces-denylist=a,b",
      "--namespaces-denylist=a,b leaves nothing of --namespaces=a",
    ],
    ["--pod=p", "--pod=p has no effect without --pod-namespace: sharding is not automatic"],
    [
      "--pod-namespace=n",
      "--pod-namespace=n has no effect without --pod: sharding is not automatic",
    ],
    ["--pod=p --pod-namespace=n --total-shards=2", "--total-shards=2 is ignored with --pod=p"],
    ["--object-limit=-1", "--object-limit=-1 is taken as 0, no limit"],
    [
      "--custom-resource-state-only",
      "--custom-resource-state-only=true exposes nothing without --custom-resource-state-config-file",
    ],
    [
      "--custom-resource-state-only --custom-resource-state-config=x --resources=pods",
      "--resources=pods is ignored with --custom-resource-state-only=true",
    ],
  ])("%s", (line, warning) => {
    expect(warningsOf(line)).toEqual([warning]);
  });

  test.each([
    "",
    "--shard=1 --total-shards=2",
    "--pod=p --pod-namespace=n",
    "--namespaces=a,b --namespaces-denylist=a",
    "coordinator --workers=http://a",
    "demo",
  ])("%j gives none", (line) => {
    expect(warningsOf(line)).toEqual([]);
  });

  test("a negative limit is none", () => {
    expect(optionsOf("--object-limit=-1").objectLimit).toBe(0);
  });
});

describe("the variables of the Go runtime", () => {
  test.each([
    [{ GOMEMLIMIT: "1GiB" }, false, 0.9],
    [{ AUTOMEMLIMIT: "off" }, false, 0.9],
    [{ AUTOMEMLIMIT: "0.5" }, true, 0.5],
    [{}, true, 0.9],
  ])("%j", (env, isOn, ratio) => {
    const options = optionsOf("--auto-gomemlimit", { env });
    expect([options.autoGomemlimit, options.autoGomemlimitRatio]).toEqual([isOn, ratio]);
  });

  test("a share that is none is an error", () => {
    expect(problemsOf("--auto-gomemlimit", { env: { AUTOMEMLIMIT: "much" } })).toEqual([
      "AUTOMEMLIMIT=much: a share above 0 and up to 1 is needed",
    ]);
  });
});
