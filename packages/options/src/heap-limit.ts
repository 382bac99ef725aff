import { posix } from "node:path";

const mebibyte = 2 ** 20;

/** Limits above this are how cgroup v1 says that there is none. */
const unlimited = 2 ** 60;

/**
 * The size for `--max-old-space-size` in MiB: `ratio` of the memory limit of the process's cgroup, or of the tightest one above it, else of
 * `systemMemory` (bytes) where that is given. `undefined` without any limit.
 */
export function heapLimitFromCgroup(from: {
  readonly readFile: (path: string) => string;
  readonly ratio: number;
  readonly systemMemory?: number;
}): number | undefined {
  const read = (path: string): string | undefined => {
    try {
      return from.readFile(path);
    } catch {
      // A file of the other cgroup version, or of a platform without cgroups.
      return undefined;
    }
  };
  const limits = (read("/proc/self/cgroup") ?? "")
    .split("\n")
    .flatMap((line) => limitFiles(line))
    .map((path) => Number(read(path)?.trim() ?? Number.NaN))
    .filter((limit) => limit > 0 && limit < unlimited);
  const limit = Math.min(...limits, from.systemMemory ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(limit)) return undefined;
  return Math.max(1, Math.floor((limit * from.ratio) / mebibyte));
}

/** The files with the limits that hold for one line of /proc/self/cgroup: `0::/path` in version 2, `4:memory:/path` in version 1. */
function limitFiles(line: string): string[] {
  const [hierarchy, controllers, path] = line.split(":", 3);
  const isVersion2 = hierarchy === "0" && controllers === "";
  if (path === undefined || !(isVersion2 || controllers?.split(",").includes("memory") === true))
    return [];
  const root = isVersion2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
  const file = isVersion2 ? "memory.max" : "memory.limit_in_bytes";
  const files: string[] = [];
  for (let at = posix.join("/", path); ; at = posix.dirname(at)) {
    files.push(posix.join(root, at, file));
    if (at === "/") return files;
  }
}
