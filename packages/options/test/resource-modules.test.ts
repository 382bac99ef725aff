import { expect, test } from "vitest";
import { resourceModulesOf } from "../src/index.ts";
import { optionsOf, parse } from "./parse.ts";

const modulesOf = (argv: readonly string[], env = {}, files: Record<string, string> = {}) =>
  resourceModulesOf({ argv, env, readFile: (path) => files[path] ?? "" });

test("a module stands for one flag, and a comma in its name is no separator", () => {
  const argv = ["--resource-module=./a.ts", "--resource-module", "b,c.ts"];
  expect(modulesOf(argv)).toEqual(["./a.ts", "b,c.ts"]);
  expect(optionsOf(argv).resourceModule).toEqual(["./a.ts", "b,c.ts"]);
});

test("modules come from the environment, and from the file, which wins", () => {
  const env = { KUBE_STATE_MOSAIC_RESOURCE_MODULE: "./env.ts" };
  expect(modulesOf([], env)).toEqual(["./env.ts"]);
  expect(modulesOf(["--config=c"], env, { c: "resource_module: ./one.ts" })).toEqual(["./one.ts"]);
  const two = { c: "resource_module: [./one.ts, ./two.ts]" };
  expect(modulesOf(["--config=c"], env, two)).toEqual(["./one.ts", "./two.ts"]);
});

test("they are told although the rest is wrong, as their resources are not known yet", () => {
  expect(modulesOf(["--resources=users", "--port=x", "--resource-module=u.ts"])).toEqual(["u.ts"]);
  const argv = ["--resources=users", "--resource-module=u.ts"];
  expect(parse(argv)).toMatchObject({ kind: "error" });
});

test("there are none for commands that take none, and for help", () => {
  expect(modulesOf(["coordinator", "--resource-module=u.ts"])).toEqual([]);
  expect(modulesOf(["--help", "--resource-module=u.ts"])).toEqual([]);
  expect(modulesOf(["version"])).toEqual([]);
});

test("a mapping in the file is no list of modules", () => {
  const files = { c: "resource_module: {a: b}" };
  expect(parse("--config=c", { files })).toMatchObject({
    problems: [expect.stringContaining("neither a path nor a sequence such as [a, b]")],
  });
});
