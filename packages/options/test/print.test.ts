import { spawnSync } from "node:child_process";

import { describe, expect, test } from "vitest";

import * as api from "../src/index.ts";
import { commands } from "../src/commands.ts";
import { flags, flagsOf } from "../src/flag-groups.ts";
import { defaultTextOf } from "../src/flags/row.ts";
import { parse } from "./parse.ts";

const printed = (line: string): string => {
  const parsed = parse(line);
  if (parsed.kind !== "print") throw new Error(JSON.stringify(parsed));
  expect(parsed.exitCode).toBe(0);
  return parsed.text;
};

const runCommands = ["worker", "coordinator", "demo", "render", "discover", "layout"] as const;

describe("help", () => {
  test.each(runCommands)("of %s has its flags with defaults, within 100 columns", (command) => {
    const text = printed(`${command} --help`);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    const words = text.replaceAll(/\s+/g, " ");
    for (const { row } of flagsOf(command)) {
      expect(text).toMatch(new RegExp(`^  (-\\w, )?--?${row.name}(=.*)?( |$)`, "m"));
      expect(words).toContain(row.help);
      const hasDefault = defaultTextOf(row) !== "" && defaultTextOf(row) !== "false";
      expect(words).toContain(hasDefault ? `(default ${defaultTextOf(row)})` : row.help);
    }
    const own = new Set(flagsOf(command).map(({ row }) => row.name));
    const others = flags.filter(({ row }) => !own.has(row.name));
    for (const { row } of others.filter(({ row: { name } }) => name !== "workers"))
      expect(text).not.toMatch(new RegExp(`^  (-\\w, )?--${row.name}(=| |$)`, "m"));
  });

  test("groups stand under their titles, in order", () => {
    const titles = printed("--help").match(/^\S.*:$/gm);
    expect(titles).toEqual([
      "Usage:",
      "Commands:",
      "Kubernetes API:",
      "What to export:",
      "Custom resources:",
      "Sharding:",
      "HTTP:",
      "Process:",
      "Logging:",
      "Accepted without effect:",
      "Old names:",
      "Help:",
    ]);
  });

  test("is the same by flag, shorthand and command, whatever else is wrong", () => {
    for (const line of ["-h", "help", "--port=x --help", "help worker", "--help=true"])
      expect(printed(line)).toBe(printed("--help"));
    expect(printed("help coordinator")).toBe(printed("coordinator -h"));
    for (const line of ["--help=false", "-h=false"]) expect(parse(line).kind).toBe("run");
  });

  test.each(Object.keys(commands))("of %s names it and what it does", (command) => {
    const { summary } = commands[command as keyof typeof commands];
    expect(
      printed(`help ${command}`).startsWith(`${summary}\n\nUsage:\n  kube-state-mosaic `),
    ).toBe(true);
    expect(printed("--help").replaceAll(/\s+/g, " ")).toContain(`${command} ${summary}`);
  });
});

describe("version", () => {
  test("is printed, whatever words follow", () => {
    expect(printed("version")).toMatch(
      /^kube-state-mosaic, version v1\.2\.3\n {2}node version: +v\d+\.\d+\.\d+\n {2}platform: +\w+\/\w+\n$/,
    );
    expect(printed("version a b")).toBe(printed("version"));
  });
});

describe("completion", () => {
  const bash = (line: string): string[] => {
    const words = line.split(" ");
    const list = words.map((word) => `'${word}'`).join(" ");
    const run = spawnSync(
      "bash",
      [
        "--norc",
        "-c",
        `compopt() { :; }\n${printed("completion bash")}
COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'; COMP_POINT=${line.length}
_kube_state_mosaic; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      { encoding: "utf8" },
    );
    expect(run.stderr).toBe("");
    return run.stdout.split("\n").filter((word) => word !== "");
  };

  test.each([
    ["kube-state-mosaic co", ["coordinator", "completion"]],
    ["kube-state-mosaic --metric-al", ["--metric-allowlist="]],
    ["kube-state-mosaic --auth", ["--auth-filter"]],
    ["kube-state-mosaic --on-m", []],
    ["kube-state-mosaic coordinator --on-m", ["--on-missing-shard="]],
    ["kube-state-mosaic coordinator --on-missing-shard=s", ["stale"]],
    ["kube-state-mosaic --log-level=", ["debug", "info", "warn", "error"]],
    ["kube-state-mosaic completion ", ["bash", "zsh", "fish"]],
    ["kube-state-mosaic --port=", []],
  ])("in bash %j offers %j", (line, expected) => {
    expect(bash(line)).toEqual(expected);
  });

  test("the scripts of zsh and fish have every command and flag", () => {
    const zsh = printed("completion zsh");
    const fish = printed("comp fish");
    expect(zsh.startsWith("#compdef kube-state-mosaic\n")).toBe(true);
    for (const command of Object.keys(commands)) {
      expect(zsh).toMatch(new RegExp(`^    ${command}\\)$`, "m"));
      expect(fish).toContain(` -a ${command} -d `);
    }
    for (const { row } of flags.filter(({ row: { name } }) => name !== "v")) {
      expect(zsh).toContain(`'--${row.name}${row.type === "bool" ? "[" : "=["}`);
      expect(fish).toContain(` -l ${row.name} `);
    }
  });

  test("an alias is as good as the name", () => {
    expect(printed("c bash")).toBe(printed("completion bash"));
  });
});

describe("the reference page", () => {
  test("has a row with flag, default, key and meaning for every flag", () => {
    const lines = api.flagsMarkdown().split("\n");
    for (const { row } of flags) {
      const dashes = row.name === row.shorthand ? "-" : "--";
      const found = lines.filter((line) =>
        new RegExp(`^\\| .*\`${dashes}${row.name}[=\`]`).test(line),
      );
      expect(found.length).toBe(flags.filter((flag) => flag.row.name === row.name).length);
      expect(found.some((line) => line.includes(row.help.replaceAll("|", "\\|")))).toBe(true);
      for (const line of found) expect(line.replaceAll("\\|", "").match(/\|/g)).toHaveLength(6);
    }
  });
});

test("the package exports these names", () => {
  expect(Object.keys(api).toSorted()).toEqual([
    "allowListFor",
    "flagsMarkdown",
    "heapLimitFromCgroup",
    "parseOptions",
    "resourceModulesOf",
  ]);
});
