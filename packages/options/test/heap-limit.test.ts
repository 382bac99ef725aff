import { expect, test } from "vitest";

import { heapLimitFromCgroup } from "../src/index.ts";

const limitOf = (files: Record<string, string>, more: { systemMemory?: number } = {}) =>
  heapLimitFromCgroup({
    ratio: 0.5,
    ...more,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`no file ${path}`);
      return text;
    },
  });

const gibibyte = "1073741824\n";

test("the limit of a container's own cgroup counts", () => {
  expect(limitOf({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": gibibyte })).toBe(
    512,
  );
});

test("the tightest limit above the process counts", () => {
  const files = {
    "/proc/self/cgroup": "0::/kubepods/pod1/c1\n",
    "/sys/fs/cgroup/kubepods/pod1/c1/memory.max": "max\n",
    "/sys/fs/cgroup/kubepods/pod1/memory.max": gibibyte,
    "/sys/fs/cgroup/kubepods/memory.max": "8589934592\n",
  };
  expect(limitOf(files)).toBe(512);
});

test("version 1 is read where memory is under it", () => {
  const files = {
    "/proc/self/cgroup": "5:cpu,cpuacct:/a\n4:memory:/a\n",
    "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": gibibyte,
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
  };
  expect(limitOf(files)).toBe(512);
});

test("without a limit the system's memory counts, if it is given", () => {
  const none = { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "max\n" };
  expect(limitOf(none)).toBeUndefined();
  expect(limitOf(none, { systemMemory: 2 ** 32 })).toBe(2048);
  expect(limitOf({})).toBeUndefined();
});

test("what version 1 shows for no limit is none", () => {
  const files = {
    "/proc/self/cgroup": "4:memory:/\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
  };
  expect(limitOf(files)).toBeUndefined();
});
