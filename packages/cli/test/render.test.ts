import { parseExposition } from "@kube-state-mosaic/exposition";
import { resources } from "@kube-state-mosaic/metric-families";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { Exposition } from "../src/render/exposition.ts";
import { readDump } from "../src/render/read-dump.ts";

const program = fileURLToPath(new URL("../bin/kube-state-mosaic.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "render-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function render(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "render", ...args], {
    input,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

async function readAll(path: string) {
  return Array.fromAsync(readDump([path]));
}

const namespaceOf = (name: string) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, uid: `uid-${name}` },
});

function settings(shard = 0, total = 1) {
  return {
    resources: Object.values(resources),
    familyConfig: () => ({ labelsAllowList: [], annotationsAllowList: [] }),
    familyFilter: ({ optIn }: { optIn: boolean }) => !optIn,
    namespaces: [],
    namespacesDenylist: [],
    ownership: jumpOwnership(shard, total),
  };
}

test("a List, a typed list, several YAML documents and single objects give the same objects", async () => {
  const [a, b] = [namespaceOf("a"), namespaceOf("b")];
  const { apiVersion: _a, kind: _k, ...bare } = b;
  const forms = [
    file("list.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: [a, b] })),
    file(
      "typed.json",
      JSON.stringify({ apiVersion: "v1", kind: "NamespaceList", items: [a, bare] }),
    ),
    file("documents.yaml", `---\n${JSON.stringify(a)}\n---\n---\n${JSON.stringify(b)}\n`),
  ];
  for (const path of forms)
    expect((await readAll(path)).map((found) => "value" in found && found.value)).toEqual([a, b]);
});

test("a directory is read by file name, other files left alone", async () => {
  const inner = mkdtempSync(join(folder, "directory-"));
  writeFileSync(join(inner, "2.json"), JSON.stringify(namespaceOf("second")));
  writeFileSync(
    join(inner, "1.yaml"),
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: first}\n",
  );
  writeFileSync(join(inner, "notes.txt"), "not an object");
  const found = await readAll(inner);
  expect(found.map(({ where }) => where)).toEqual([
    `${join(inner, "1.yaml")}, document 1`,
    `${join(inner, "2.json")}, document 1`,
  ]);
});

test("integers beyond 2^53 keep their digits in YAML and JSON", async () => {
  const json = file("big.json", '{"apiVersion":"v1","kind":"X","n":9007199254740993,"m":1}');
  const yaml = file("big.yaml", "apiVersion: v1\nkind: X\nn: 9007199254740993\nm: 1\n");
  for (const path of [json, yaml])
    expect(await readAll(path)).toMatchObject([{ value: { n: 9007199254740993n, m: 1 } }]);
});

test.each([
  ["a cut JSON text", "x.json", '{"apiVersion":"v1","kind":', /x\.json, document 1: .*JSON/],
  ["a broken YAML document", "x.yaml", "a: [\n", /x\.yaml, document 1: /],
  [
    "an object without kind",
    "k.json",
    '{"apiVersion":"v1"}',
    /k\.json, document 1: .*apiVersion and kind/,
  ],
  [
    "a list of something else",
    "l.json",
    '{"apiVersion":"v1","kind":"List","items":[3]}',
    /document 1, item 1: expected an object/,
  ],
  ["a scalar", "s.yaml", "hello\n", /s\.yaml, document 1: expected an object, found string/],
  [
    "a field of the wrong type",
    "t.json",
    '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":7}}',
    /t\.json, document 1: .*containers/,
  ],
  [
    "an object without metadata",
    "m.json",
    '{"apiVersion":"v1","kind":"Pod"}',
    /m\.json, document 1: .*metadata/,
  ],
])("%s is an error with file, document and reason, and exit code 1", (...row) => {
  const [, name, text, wanted] = row;
  const { status, stdout, stderr } = render(["-f", file(name, text)]);
  expect(stderr).toMatch(wanted);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(status).toBe(1);
  expect(stdout).toBe("");
});

test("with --keep-going what was fine is printed, and the exit code still tells", () => {
  const path = file(
    "mixed.json",
    JSON.stringify({ apiVersion: "v1", kind: "List", items: [5, namespaceOf("fine")] }),
  );
  const { status, stdout } = render(["-f", path, "--keep-going"]);
  expect(stdout).toContain('kube_namespace_status_phase{namespace="fine"');
  expect(status).toBe(1);
});

test("objects of unknown kinds are counted on standard error and fail nothing", () => {
  const thing = { apiVersion: "example.io/v1", kind: "Thing", metadata: { name: "t" } };
  const list = { apiVersion: "v1", kind: "List", items: [thing, thing, namespaceOf("n")] };
  const { status, stdout, stderr } = render(["-f", "-"], JSON.stringify(list));
  expect(stderr).toContain("2 × example.io/v1 Thing");
  expect(parseExposition(stdout, "text").length).toBeGreaterThan(3);
  expect(status).toBe(0);
});

test("without a file the error says what is needed, and a missing file is named", () => {
  expect(render([])).toMatchObject({ status: 1, stderr: /--filename/ });
  const path = join(folder, "absent.json");
  expect(render(["-f", path])).toMatchObject({ status: 1, stderr: expect.stringContaining(path) });
});

test("the shards of a dump are disjoint and add up to the whole", () => {
  const objects = Array.from({ length: 40 }, (_, index) => namespaceOf(`n${index}`));
  const lines = (shard: number, total: number): string[] => {
    const exposition = new Exposition(settings(shard, total));
    for (const object of objects) exposition.add(object);
    return [...exposition.text()]
      .join("")
      .split("\n")
      .filter((line) => line.startsWith("kube_"));
  };
  const parts = [0, 1, 2].map((shard) => lines(shard, 3));
  expect(Math.min(...parts.map(({ length }) => length))).toBeGreaterThan(0);
  expect(parts.flat().toSorted()).toEqual(lines(0, 1).toSorted());
});

test("a reader that closes the pipe early ends the printing without an error", async () => {
  const items = Array.from({ length: 5_000 }, (_, index) => namespaceOf(`n${index}`));
  const path = file("many.json", JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const child = spawn(process.execPath, [program, "render", "-f", path]);
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = await once(child, "close");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
});
