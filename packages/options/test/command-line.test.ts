import { describe, expect, test } from "vitest";

import { optionsOf, parse, problemsOf } from "./parse.ts";

const commandOf = (line: string): string => {
  const parsed = parse(line);
  return parsed.kind === "run" ? parsed.command : parsed.kind;
};

describe("the command", () => {
  test.each([
    ["", "worker"],
    ["--port=1", "worker"],
    ["worker", "worker"],
    ["coordinator --port 1", "coordinator"],
    ["--port 1 coordinator", "coordinator"],
    ["--auth-filter coordinator", "coordinator"],
    ["-v 4 demo", "demo"],
    ["-v4 demo", "demo"],
    ["--pod demo --pod-namespace=x", "worker"],
    ["render --filename render", "render"],
  ])("of %j is %s", (line, command) => {
    expect(commandOf(line)).toBe(command);
  });

  test.each([
    [
      "wrker",
      "wrker: not a command (worker, coordinator, demo, render, rbac, layout, owner, scrape-config, discover, version, completion, help); did you mean worker?",
    ],
    ["worker x", "x: worker takes no arguments"],
    ["-- x", "x: worker takes no arguments"],
    ["-- demo", "demo: worker takes no arguments"],
    [
      "coordinator --auth-filter false",
      "false: coordinator takes no arguments; a value of --auth-filter needs an equals sign: --auth-filter=false",
    ],
    ["completion", "completion: an argument is missing (bash|zsh|fish)"],
    ["completion bash zsh", "zsh: completion takes at most 1 (bash|zsh|fish)"],
    ["completion csh", "completion csh: not one of bash, zsh, fish"],
    [
      "help nothing",
      "help nothing: not a command (worker, coordinator, demo, render, rbac, layout, owner, scrape-config, discover, version, completion, help)",
    ],
    [
      "version --port=1",
      "--port=1: not a flag of version; it belongs to worker, coordinator, demo, discover, rbac",
    ],
    [
      "--port=1 version",
      "--port=1: not a flag of version; it belongs to worker, coordinator, demo, discover, rbac",
    ],
    [
      "coordinator --shard=1",
      "--shard=1: not a flag of coordinator; it belongs to worker, render, rbac",
    ],
    [
      "coordinator --shard 1",
      "--shard: not a flag of coordinator; it belongs to worker, render, rbac",
    ],
    ["--prot=1", "--prot=1: no such flag; did you mean --pod or --port?"],
    ["--total_shards=1", "--total_shards=1: no such flag; did you mean --total-shards?"],
    ["--Port=1", "--Port=1: no such flag; did you mean --port?"],
    ["--something-else", "--something-else: no such flag"],
    ["--=1", "--=1: not a flag; a name must follow the dashes"],
    ["-port=1", "-port=1: there is no shorthand -p; long flags have two dashes: --port=1"],
    ["--port", "--port: a value is missing"],
    ["-v", "--v: a value is missing"],
    ["demo -f x", "-f: there is no shorthand -f; long flags have two dashes: --f"],
  ])("%j is an error", (line, problem) => {
    const [first, ...more] = problemsOf(line);
    expect(first).toBe(problem);
    expect(more.filter((other) => !other.startsWith("x: "))).toEqual([]);
  });

  test("a boolean takes no further word", () => {
    expect(problemsOf("--auth-filter false")).toEqual([
      "false: not a command (worker, coordinator, demo, render, rbac, layout, owner, scrape-config, discover, version, completion, help); a value of --auth-filter needs an equals sign: --auth-filter=false",
    ]);
  });

  test("a flag takes the next word even if it looks like a flag", () => {
    expect(optionsOf("--pod --shard").pod).toBe("--shard");
    expect(optionsOf("--host= --port=1").host).toBe("");
    expect(optionsOf("--node=a=b --resources=pods").node).toBe("a=b");
  });

  test("shorthands are grouped and take their value in three ways", () => {
    for (const line of ["-v=4", "-v 4", "-v4", "--v=4", "--v 4"])
      expect(optionsOf(line).verbosity).toBe(4);
    expect(parse("-hv4").kind).toBe("print");
    expect(problemsOf("-vx")).toEqual(["--v=x: not a whole number such as 8080"]);
  });

  test("all problems are reported at once", () => {
    const problems = problemsOf(
      "--port=x --nothing-like-it --metric-allowlist=a( --shard=5 --total-shards=2 --resources=pds",
    );
    expect(problems).toHaveLength(5);
  });
});

describe("values", () => {
  test.each(["1", "t", "T", "TRUE", "true", "True"])("%s is true", (text) => {
    expect(optionsOf(`--auth-filter=${text}`).authFilter).toBe(true);
  });

  test.each(["0", "f", "F", "FALSE", "false", "False"])("%s is false", (text) => {
    expect(optionsOf(`--auth-filter=${text}`).authFilter).toBe(false);
  });

  test.each([
    ["10", 10],
    ["+10", 10],
    ["1_000", 1000],
    ["0x1F", 31],
    ["0x_1f", 31],
    ["0o17", 15],
    ["017", 15],
    ["0_17", 15],
    ["0b101", 5],
    ["0", 0],
    ["9007199254740991", 9_007_199_254_740_991],
  ])("the integer %s is %i", (text, value) => {
    expect(optionsOf(`--object-limit=${text}`).objectLimit).toBe(value);
  });

  test.each([
    ["60s", 60_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["1h2m3s4ms5us6ns", 3_723_004.005006],
    ["250µs", 0.25],
    ["250μs", 0.25],
    [".5s", 500],
    ["0", 0],
    ["-1s", -1000],
  ])("the duration %s is %d ms", (text, value) => {
    expect(optionsOf(`--server-read-timeout=${text}`).serverReadTimeout).toBeCloseTo(value, 9);
  });

  test.each([
    ["1024", 1024],
    ["1.5Gi", 1_610_612_736],
    ["64Mi", 67_108_864],
    ["10k", 10_000],
    ["2M", 2_000_000],
  ])("the size %s is %d bytes", (text, value) => {
    expect(optionsOf(`--hot-memory=${text}`).hotMemory).toBe(value);
  });

  test.each([
    ["--auth-filter=yes", "neither true nor false"],
    ["--auth-filter=", "neither true nor false"],
    ["--port=", "not a whole number such as 8080"],
    ["--port=8080x", "not a whole number such as 8080"],
    ["--port=1_", "not a whole number such as 8080"],
    ["--port=1.5", "not a whole number such as 8080"],
    ["--port=65536", "not between 0 and 65535"],
    ["--port=-1", "not between 0 and 65535"],
    ["--shard=09", "not a whole number such as 8080"],
    ["--shard=2147483648", "not between -2147483648 and 2147483647"],
    [
      "--total-shards=9223372036854775808",
      "not between -9223372036854775808 and 9223372036854775807",
    ],
    ["--log_file_max_size=-1", "not between 0 and 18446744073709551615"],
    ["--server-read-timeout=60", "not a duration such as 90s, 1m30s or 1.5h"],
    ["--server-read-timeout=", "not a duration such as 90s, 1m30s or 1.5h"],
    ["--server-read-timeout=1m30", "not a duration such as 90s, 1m30s or 1.5h"],
    ["--server-read-timeout=1d", "not a duration such as 90s, 1m30s or 1.5h"],
    ["--auto-gomemlimit-ratio=half", "not a number such as 0.9"],
    ["--auto-gomemlimit-ratio=", "not a number such as 0.9"],
    ["--auto-gomemlimit-ratio=1e999", "not a number such as 0.9"],
    ["--hot-memory=64MB", "not a size such as 64Mi, 1Gi or 1048576"],
    ["--hot-memory=-1", "not a size such as 64Mi, 1Gi or 1048576"],
    ["--logging-format=xml", "not one of text, json"],
    ["--log-level=INFO", "not one of debug, info, warn, error"],
    ["--stderrthreshold=LOUD", "not one of INFO, WARNING, ERROR, FATAL, 0, 1, 2, 3"],
  ])("%s: %s", (word, reason) => {
    expect(problemsOf(word)).toEqual([`${word}: ${reason}`]);
  });

  test.each([
    ["coordinator --workers=worker-0:8080", "worker-0:8080"],
    ["coordinator --workers=http://a,b", "b"],
    ["coordinator --workers=ftp://a", "ftp://a"],
  ])("%s holds no http URL", (line, item) => {
    expect(problemsOf(line)).toEqual([
      `${line.split(" ")[1]}: wrong in "${item}": a URL such as http://worker-0:8080 is needed`,
    ]);
  });

  test("a long value is cut in messages", () => {
    expect(problemsOf(`--port=${"x".repeat(500)}`)[0]!.length).toBeLessThan(170);
  });

  test("a wrong variable is named as it is set", () => {
    expect(problemsOf("", { env: { KUBE_STATE_MOSAIC_TOTAL_SHARDS: "two" } })).toEqual([
      "KUBE_STATE_MOSAIC_TOTAL_SHARDS=two: not a whole number such as 8080",
    ]);
  });
});

describe("Options", () => {
  test("nothing in it can be changed", () => {
    const options = optionsOf("--metric-labels-allowlist=pods=[a] --resources=pods");
    expect(Object.isFrozen(options)).toBe(true);
    for (const value of Object.values(options)) expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen(options.metricLabelsAllowlist.pods)).toBe(true);
    expect(() => Object.assign(options.resources, ["nodes"])).toThrow(TypeError);
  });

  test("two parses share nothing that could change", () => {
    expect(optionsOf("--namespaces=a").namespaces).toEqual(["a"]);
    expect(optionsOf("").namespaces).toEqual([]);
  });
});
