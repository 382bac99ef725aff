import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../bin/kube-state-mosaic.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "resource-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const user = file(
  "bob.json",
  JSON.stringify({
    apiVersion: "iam.kubesphere.io/v1alpha2",
    kind: "User",
    metadata: { name: "bob", uid: "u-1", labels: { team: "blue" } },
  }),
);

/** What `render` says of bob with a module of this content; the module lies where Node would find no packages. */
function render(module: string, ...args: string[]) {
  const path = file("module.mts", module);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, "render", `--resource-module=${path}`, "-f", user, ...args],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr: stderr.replaceAll(path, "MODULE") };
}

/** A module with one resource; `definition` and `families` add to it. */
const moduleOf = (definition = "", families = ""): string => `
  import { defineResource, familiesOf, field, labels, message, objectMeta, type ObjectMeta } from "kube-state-mosaic/module";
  interface User { readonly metadata: ObjectMeta }
  const { gauge, info } = familiesOf<User, "">();
  export const users = defineResource<User>({
    group: "iam.kubesphere.io",
    version: "v1alpha2",
    kind: "User",
    plural: "users",
    namespaced: false,
    schema: message<User>("User", { metadata: field.one(objectMeta) }),
    identity: { user: ({ metadata }) => metadata.name },
    families: ({ labelsAllowList }) => [
      info("team_info", "The user exists.", {}),
      gauge("team_labels", "Labels.", { ...labels(labelsAllowList) }),
      ${families}
    ],
    ${definition}
  });
`;

describe("a resource of a module", () => {
  test("is exposed by default, under names of its own, in byte order among the others", () => {
    const { status, stdout, stderr } = render(moduleOf(), "--metric-labels-allowlist=users=[team]");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n").filter((line) => line.startsWith("team_"))).toEqual([
      'team_info{user="bob"} 1',
      'team_labels{user="bob",label_team="blue"} 1',
    ]);
  });

  test("is named in --resources like a built-in one", () => {
    expect(render(moduleOf(), "--resources=users").stdout).toContain('team_info{user="bob"} 1');
    expect(render(moduleOf(), "--resources=pods").stdout).toBe("");
    const misspelt = render(moduleOf(), "--resources=user");
    expect(misspelt.stderr).toContain('there is no resource "user"; did you mean users?');
  });

  test("that is off by default is exposed where it is named", () => {
    const off = moduleOf("enabledByDefault: false,");
    expect(render(off).stdout).toBe("");
    expect(render(off, "--resources=users").stdout).toContain('team_info{user="bob"} 1');
  });

  test("may read a plural that another reads, under another name", () => {
    const both = `${moduleOf()}
      export const more = defineResource<User>({
        ...users, name: "users-more", families: () => [info("more_info", "More.", {})],
      });`;
    const { stdout } = render(both);
    expect(stdout).toContain('team_info{user="bob"} 1');
    expect(stdout).toContain('more_info{user="bob"} 1');
  });
});

/** Modules that cannot be used, and what is said of them. */
const broken: readonly (readonly [module: string, reason: string])[] = [
  ["export const a = 1;", "it exports nothing that defineResource() made"],
  ["export const = ;", ""],
  ["throw new Error('no luck');", "no luck"],
  [`import "no-such-package";`, "Cannot find package 'no-such-package'"],
  [moduleOf('name: "pods",'), "the resource pods is built in: set another `name`"],
  [
    moduleOf('name: "Users",'),
    '"Users" is no name for a resource: lower-case letters, digits and - make one',
  ],
  [
    `${moduleOf()} export const again = { ...users };`,
    "the resource users is defined twice: set another `name`",
  ],
  [
    moduleOf("", 'gauge("kube_pod_info", "Pods.", {}),'),
    "kube_pod_info is a family of pods already",
  ],
  [moduleOf("", 'gauge("team_info", "Again.", {}),'), "team_info is a family of users already"],
  [moduleOf("", 'gauge("team-size", "Size.", {}),'), '"team-size" is no metric name'],
  [
    moduleOf("", 'gauge("team_size", "Size.", { labels: { "a-b": () => "" } }),'),
    'team_size: "a-b" is no label name',
  ],
  [
    moduleOf("", 'gauge("team_size", "Size.", { labels: { user: () => "" } }),'),
    "team_size has the label user twice",
  ],
  [
    moduleOf('families: () => { throw new Error("no table"); },'),
    "families of users fails: no table",
  ],
];

/** The errors of loading each of the modules alone, in a process as the program's. */
function loadingErrors(modules: readonly string[]): string[] {
  const paths = modules.map((module, at) => file(`broken-${at}.mts`, module));
  const loader = fileURLToPath(new URL("../src/resource-modules.ts", import.meta.url));
  const script = file(
    "load.mts",
    `import { loadResourceModules } from ${JSON.stringify(loader)};
    const messages = [];
    for (const path of ${JSON.stringify(paths)})
      messages.push(await loadResourceModules([path]).then(() => "no error", (error) => error.message));
    console.log(JSON.stringify(messages));`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as string[];
}

describe("a module that cannot be used ends the start", () => {
  const errors: string[] = [];
  beforeAll(() => void errors.push(...loadingErrors(broken.map(([module]) => module))));

  test.each(broken.map(([, reason], at) => ({ reason, at })))(
    "because of this: $reason",
    ({ reason, at }) => {
      expect(errors[at]).toMatch(/^--resource-module=\/.*\/broken-\d+\.mts: ./);
      expect(errors[at]).toContain(reason);
    },
  );

  test("with one line that names it", () => {
    const { status, stdout, stderr } = render(moduleOf('name: "pods",'));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toBe(
      "error: --resource-module=MODULE: the resource pods is built in: set another `name`\n",
    );
  });

  test("when it is not there", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, "render", "--resource-module=/no/such.ts", "-f", user],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toBe("error: --resource-module=/no/such.ts: the file does not exist\n");
  });
});
