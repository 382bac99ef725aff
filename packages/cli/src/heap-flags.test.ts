import { expect, test } from "vitest";
import { heapEnvironment, heapFlags } from "./heap-flags.ts";

const files: Record<string, string> = {
  "/proc/self/cgroup": "0::/pod\n",
  "/sys/fs/cgroup/pod/memory.max": String(200 * 2 ** 20),
};
const readFile = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw new Error(`no file ${path}`);
  return text;
};
const byHand = { autoGomemlimit: false, autoGomemlimitRatio: 0.9 };

test("the young generation is kept small", () => {
  expect(heapFlags(byHand, "", readFile)).toEqual(["--max-semi-space-size=8"]);
});

test("--auto-gomemlimit gives the heap its share of the cgroup's limit", () => {
  expect(heapFlags({ ...byHand, autoGomemlimit: true }, "", readFile)).toEqual([
    "--max-semi-space-size=8",
    "--max-old-space-size=180",
  ]);
});

test("without a limit of the cgroup the heap has V8's own", () => {
  const none = (path: string): string => {
    throw new Error(`no file ${path}`);
  };
  expect(heapFlags({ ...byHand, autoGomemlimit: true }, "", none)).toEqual([
    "--max-semi-space-size=8",
  ]);
});

test("flags given by hand are left as they are, in either spelling", () => {
  const given = "--max-old-space-size=100 --max_semi_space_size=1";
  expect(heapFlags({ ...byHand, autoGomemlimit: true }, given, readFile)).toEqual([]);
});

test("a process that was started with what it wants wants nothing more", () => {
  const options = { ...byHand, autoGomemlimit: true };
  const given = heapFlags(options, "", readFile).join(" ");
  expect(heapFlags(options, given, readFile)).toEqual([]);
});

test("a coordinator's large buffers are mapped, unless malloc is set by hand; a started one wants nothing more", () => {
  const wanted = heapEnvironment("coordinator", { PATH: "/bin" });
  expect(wanted).toEqual({ MALLOC_MMAP_THRESHOLD_: "65536" });
  expect(heapEnvironment("coordinator", wanted)).toEqual({});
  expect(heapEnvironment("coordinator", { MALLOC_ARENA_MAX: "1" })).toEqual({});
  expect(heapEnvironment("coordinator", { GLIBC_TUNABLES: "glibc.malloc.arena_max=1" })).toEqual(
    {},
  );
  expect(heapEnvironment("worker", {})).toEqual({});
});
