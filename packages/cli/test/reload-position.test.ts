import { parseOptions } from "@kube-state-mosaic/options";
import { expect, test } from "vitest";
import { positioned } from "../src/reload-position.ts";

const path = "/etc/c.yaml";

function problems(text: string): string[] {
  const parsed = parseOptions({
    argv: [`--config=${path}`],
    env: {},
    readFile: () => text,
    version: "v0",
    knownResources: ["pods"],
    defaultResources: ["pods"],
  });
  if (parsed.kind !== "error") throw new Error(`${parsed.kind}: nothing is wrong`);
  return parsed.problems.map((problem) => positioned(problem, { path, text }));
}

test.each([
  [
    "port: 1\nresources: {dogs: {}}\n",
    [/^\/etc\/c\.yaml:2:1: resources: \{dogs: \{\}\}: there is no/],
  ],
  [
    "port: many\n\nobject_limit: x\n",
    [/^\/etc\/c\.yaml:3:1: object_limit: x: not a whole/, /^\/etc\/c\.yaml:1:1: port: many: not a/],
  ],
  ["port: [1\n", [/^\/etc\/c\.yaml:\d+:\d+: not YAML: [^:]*$/]],
  ["- a\n", [/^\/etc\/c\.yaml: not a YAML mapping|^\/etc\/c\.yaml: .*not a YAML mapping/]],
])("the problems of %j begin with file, line and column where they are known", (text, wanted) => {
  const found = problems(text);
  expect(found).toHaveLength(wanted.length);
  for (const [index, pattern] of wanted.entries()) expect(found[index]).toMatch(pattern);
});
