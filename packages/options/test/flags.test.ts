import { describe, expect, expectTypeOf, test } from "vitest";

import { flags } from "../src/flag-groups.ts";
import { configKeyOf, defaultTextOf, environmentVariableOf, hasEffect } from "../src/flags/row.ts";
import type { Options } from "../src/index.ts";
import { optionsOf, parse, problemsOf, warningsOf } from "./parse.ts";
import { referenceFlags, referenceLoggingFlags } from "./reference.ts";

describe("every flag of the reference", () => {
  test("there are 38 with help and config, and 15 for logging", () => {
    expect(referenceFlags.length + 2).toBe(38);
    expect(referenceLoggingFlags).toHaveLength(15);
  });

  test.each(referenceFlags)("--$name has its type, default and key", (flag) => {
    const rows = flags.filter(({ row }) => row.name === flag.name);
    expect(rows).toHaveLength(1);
    const { row, commands } = rows[0]!;
    expect(row.type).toBe(flag.type);
    expect(defaultTextOf(row)).toBe(flag.default);
    expect(configKeyOf(row)).toBe(flag.key);
    expect(commands).toContain("worker");
  });

  test.each(referenceFlags)(
    "--$name=VALUE arrives",
    ({ name, text, option, value, beside = [] }) => {
      expect(optionsOf([...beside, `--${name}=${text}`])[option]).toEqual(value);
    },
  );

  test.each(referenceFlags)("--$name arrives from the environment", (flag) => {
    const row = flags.find((candidate) => candidate.row.name === flag.name)!.row;
    const env = { [environmentVariableOf(row)]: flag.text };
    expect(environmentVariableOf(row)).toMatch(/^KUBE_STATE_MOSAIC_[A-Z_]+$/);
    expect(optionsOf(flag.beside ?? [], { env })[flag.option]).toEqual(flag.value);
  });

  test.each(referenceFlags)("$key arrives from the config file", (flag) => {
    const files = { "/c.yaml": `${flag.key}: ${flag.yaml}\n` };
    const line = [...(flag.beside ?? []), "--config=/c.yaml"];
    expect(optionsOf(line, { files })[flag.option]).toEqual(flag.value);
    expect(warningsOf(line, { files }).join()).not.toContain("no setting has this name");
  });

  test.each(referenceFlags.filter(({ type }) => type !== "bool"))(
    "--$name takes the next word as its value",
    ({ name, text, option, value, beside = [] }) => {
      expect(optionsOf([...beside, `--${name}`, text])[option]).toEqual(value);
    },
  );

  test.each(referenceFlags.filter(({ type }) => type === "bool"))(
    "--$name alone means true and =false means false",
    ({ name, option }) => {
      expect(optionsOf([`--${name}`])[option]).toBe(true);
      expect(optionsOf([`--${name}`, `--${name}=false`])[option]).toBe(false);
    },
  );

  test.each(referenceLoggingFlags)("--$name is accepted, with its type and default", (flag) => {
    const found = flags.filter(({ row }) => row.name === flag.name);
    expect(found).toHaveLength(1);
    const { row } = found[0]!;
    expect([row.type, defaultTextOf(row)]).toEqual([flag.type, flag.default]);
    expect(configKeyOf(row)).toBeUndefined();
    expect(parse([`--${flag.name}=${flag.text}`]).kind).toBe("run");
  });

  test.each(referenceLoggingFlags.filter(({ name }) => name !== "v"))(
    "--$name changes nothing and says so",
    ({ name, text }) => {
      const { metricFilter: _, ...plain } = optionsOf("");
      const { metricFilter: __, ...given } = optionsOf([`--${name}=${text}`]);
      expect(given).toEqual(plain);
      expect(warningsOf([`--${name}=${text}`])).toEqual([
        expect.stringMatching(new RegExp(`^--${name}=.* has no effect: .+`)),
      ]);
    },
  );

  test("--config is read from the key config too", () => {
    const files = { "/a.yaml": "config: /b.yaml" };
    expect(optionsOf("--config=/a.yaml", { files }).config).toBe("/b.yaml");
  });
});

describe("the table", () => {
  test("no command has two flags of one name, shorthand, key or variable", () => {
    for (const command of [
      "worker",
      "coordinator",
      "demo",
      "render",
      "discover",
      "layout",
    ] as const) {
      const rows = flags.filter((flag) => flag.commands.includes(command)).map(({ row }) => row);
      for (const facts of [
        rows.map((row) => row.name),
        rows.flatMap((row) => row.shorthand ?? []),
        rows.flatMap((row) => configKeyOf(row) ?? []),
        rows.map(environmentVariableOf),
      ])
        expect(facts.toSorted()).toEqual([...new Set(facts)].toSorted());
    }
  });

  test("no two flags share a key of Options", () => {
    const keys = flags.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("Options holds every flag with an effect, and no other", () => {
    const keys = flags.filter(({ row }) => hasEffect(row)).map(({ key }) => key);
    expect(Object.keys(optionsOf("")).toSorted()).toEqual([...keys, "metricFilter"].toSorted());
  });

  test("every help is a sentence and every own flag is marked", () => {
    const names = [...referenceFlags, ...referenceLoggingFlags].map(({ name }) => name);
    for (const { row } of flags) {
      expect(row.help).toMatch(/^[A-Z].*\.$/);
      const isOurs = ![...names, "config"].includes(row.name) && row.renamedTo === undefined;
      expect([row.name, row.own === true]).toEqual([row.name, isOurs && row.noop === undefined]);
    }
  });

  test("the types follow from the rows", () => {
    expectTypeOf<Options["port"]>().toEqualTypeOf<number>();
    expectTypeOf<Options["authFilter"]>().toEqualTypeOf<boolean>();
    expectTypeOf<Options["workers"]>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Options["demoWorkers"]>().toEqualTypeOf<number>();
    expectTypeOf<Options["loggingFormat"]>().toEqualTypeOf<"text" | "json">();
    expectTypeOf<Options["onMissingShard"]>().toEqualTypeOf<"auto" | "fail" | "stale" | "omit">();
    expectTypeOf<Options>().not.toHaveProperty("logtostderr");
    expect(optionsOf("").loggingFormat).toBe("text");
  });
});

describe("our own flags", () => {
  test.each([
    ["--allow-full-secrets", "allowFullSecrets", true],
    ["--startup-timeout=5s", "startupTimeout", 5000],
    ["--census=1h30m", "census", 5_400_000],
    ["--hot-memory=64Mi", "hotMemory", 67_108_864],
    ["--logging-format=json", "loggingFormat", "json"],
    ["--log-level=error", "logLevel", "error"],
    ["coordinator --workers=http://a:8080,https://b", "workers", ["http://a:8080", "https://b"]],
    ["coordinator --on-missing-shard=omit", "onMissingShard", "omit"],
    ["demo --workers=3", "demoWorkers", 3],
    ["demo --pods 20", "demoPods", 20],
    ["demo --port=0", "port", 0],
    ["render -f a.yaml --filename=b,c -f -", "filename", ["a.yaml", "b,c", "-"]],
    ["render -f=x --keep-going", "keepGoing", true],
  ] as const)("%s", (line, option, value) => {
    expect(optionsOf(line)[option]).toEqual(value);
  });

  test("an own flag has a key in the file and a variable too", () => {
    const files = { c: "startup_timeout: 10s\nworkers: [http://a]" };
    expect(optionsOf("--config c", { files }).startupTimeout).toBe(10_000);
    expect(optionsOf("coordinator --config c", { files }).workers).toEqual(["http://a"]);
    const env = { KUBE_STATE_MOSAIC_WORKERS: "4" };
    expect(optionsOf("demo", { env }).demoWorkers).toBe(4);
  });

  test("-v above 0 logs debug lines unless --log-level is given", () => {
    expect(optionsOf("-v=1").logLevel).toBe("debug");
    expect(optionsOf("-v4").logLevel).toBe("debug");
    expect(optionsOf("-v 0").logLevel).toBe("info");
    expect(optionsOf("-v 4 --log-level=warn").logLevel).toBe("warn");
  });

  test("old names still work and name the new one", () => {
    expect(optionsOf("--collectors=pods --resources=nodes").resources).toEqual(["nodes", "pods"]);
    expect(optionsOf("--namespace=a").namespaces).toEqual(["a"]);
    expect(warningsOf("--metric-blacklist=x")).toEqual([
      "--metric-blacklist=x is taken as --metric-denylist, the name of this flag today",
    ]);
    expect(problemsOf("--collectors=pod")).toEqual([
      '--collectors=pod: there is no resource "pod"; did you mean pods?',
    ]);
    expect(warningsOf("--disable-node-non-generic-resource-metrics")).toEqual([
      "--disable-node-non-generic-resource-metrics=true has no effect: those families no longer exist",
    ]);
  });
});
