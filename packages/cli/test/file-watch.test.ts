import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileWatch, type FileContents } from "../src/file-watch.ts";

let folder: string;
let stop: AbortController;
let running: Promise<void>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-watch-"));
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await running;
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(at(name), text);

/** What was told of the files, one entry a time: `a=text b=-`. */
function follow(names: readonly string[], times: { pollMs?: number } = {}): string[] {
  const told: string[] = [];
  const paths = names.map(at);
  const known: FileContents = new Map(paths.map((path) => [path, Buffer.from("1\n")]));
  const watch = new FileWatch({
    paths: () => paths,
    known,
    onChange: (contents, changed) => {
      const text = (path: string): string => contents.get(path)?.toString().trim() ?? "-";
      told.push(
        changed
          .toSorted()
          .map((path) => `${path.slice(folder.length + 1)}=${text(path)}`)
          .join(" "),
      );
    },
    // A test that waits for a look now and then says so.
    pollMs: 600_000,
    settleMs: 40,
    hesitateMs: 400,
    ...times,
  });
  running = watch.run(stop.signal);
  return told;
}

test("what is known already is not told, and a change before the watch began is", async () => {
  write("a", "1\n");
  write("b", "2\n");
  const told = follow(["a", "b"]);
  await expect.poll(() => told).toEqual(["b=2"]);
});

test("a write, a rename over the file and its removal are seen, each once", async () => {
  write("a", "1\n");
  const told = follow(["a"]);
  write("a", "2\n");
  await expect.poll(() => told).toEqual(["a=2"]);
  write("new", "3\n");
  renameSync(at("new"), at("a"));
  await expect.poll(() => told).toEqual(["a=2", "a=3"]);
  unlinkSync(at("a"));
  await expect.poll(() => told).toEqual(["a=2", "a=3", "a=-"]);
  write("a", "4\n");
  await expect.poll(() => told).toEqual(["a=2", "a=3", "a=-", "a=4"]);
});

test("files that change together are told together", async () => {
  for (const name of ["a", "b"]) write(name, "1\n");
  const told = follow(["a", "b"]);
  for (const name of ["a", "b"]) write(name, "2\n");
  await expect.poll(() => told).toEqual(["a=2 b=2"]);
});

test("the swap of a mounted ConfigMap is one change of all its files", async () => {
  const version = (number: number): void => {
    mkdirSync(at(`..${number}`));
    for (const name of ["a", "b"]) write(`..${number}/${name}`, `${number}\n`);
    symlinkSync(`..${number}`, at("..data_tmp"));
    renameSync(at("..data_tmp"), at("..data"));
  };
  version(1);
  for (const name of ["a", "b"]) symlinkSync(`..data/${name}`, at(name));
  const told = follow(["a", "b"]);
  version(2);
  rmSync(at("..1"), { recursive: true });
  await expect.poll(() => told).toEqual(["a=2 b=2"]);
});

test("a file behind a link into another directory is seen to change there", async () => {
  mkdirSync(at("elsewhere"));
  write("elsewhere/a", "1\n");
  symlinkSync("elsewhere/a", at("a"));
  const told = follow(["a"]);
  write("elsewhere/a", "2\n");
  await expect.poll(() => told).toEqual(["a=2"]);
});

test("a text that ends within a line is given time, and what was written meanwhile is never told", async () => {
  write("a", "1\n");
  write("tick", "");
  const told = follow(["a"]);
  write("a", "half");
  // Long enough for a whole text, as the events of another file tell it.
  const beats = follow2();
  await expect.poll(() => beats.length).toBeGreaterThan(0);
  write("a", "whole\n");
  await expect.poll(() => told).toEqual(["a=whole"]);

  /** A second watch with the short time only: when it has told of `tick`, the first has had that time too. */
  function follow2(): string[] {
    const seen: string[] = [];
    const first = running;
    const watch = new FileWatch({
      paths: () => [at("tick")],
      known: new Map(),
      onChange: (_, changed) => void seen.push(...changed),
      settleMs: 40,
      hesitateMs: 80,
    });
    running = Promise.all([first, watch.run(stop.signal)]).then(() => undefined);
    return seen;
  }
});

test("a text that stays without a line feed at its end is told", async () => {
  write("a", "1\n");
  const told = follow(["a"]);
  write("a", "end");
  await expect.poll(() => told).toEqual(["a=end"]);
});

test("a new date on the same content is no change", async () => {
  write("a", "1\n");
  write("b", "1\n");
  const told = follow(["a", "b"]);
  utimesSync(at("a"), 1, 1);
  write("a", "1\n");
  write("b", "2\n");
  await expect.poll(() => told).toEqual(["b=2"]);
});

test("a directory that does not exist at the start, or is made again, is found by the looks now and then", async () => {
  const told = follow(["below/a"], { pollMs: 20 });
  await expect.poll(() => told).toEqual(["below/a=-"]);
  for (const number of [2, 3]) {
    rmSync(at("below"), { recursive: true, force: true });
    mkdirSync(at("below"));
    write("below/a", `${number}\n`);
    await expect.poll(() => told.at(-1)).toBe(`below/a=${number}`);
  }
});

test("what cannot be used when it is told ends the watch", async () => {
  write("a", "2\n");
  const watch = new FileWatch({
    paths: () => [at("a")],
    known: new Map(),
    onChange: () => {
      throw new Error("no use");
    },
  });
  running = Promise.resolve();
  await expect(watch.run(stop.signal)).rejects.toThrow("no use");
});
