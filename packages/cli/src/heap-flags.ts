import { heapLimitFromCgroup, type Options } from "@kube-state-mosaic/options";
import { readFileSync } from "node:fs";

/**
 * Megabytes of each half of V8's young generation. V8's own choice, 16 and more, leaves 40 to 70 MB resident that nothing
 * needs: what outlives an event is its deflated text, outside of the heap. 8 costs no CPU, 4 a tenth, 2 lets the old generation grow.
 */
const semiSpaceMegabytes = 8;

/**
 * What V8 is to be told when the process starts: it reads these flags once. Flags given to Node by hand
 * (`given`, its own arguments and `NODE_OPTIONS`) are left as they are.
 */
export function heapFlags(
  { autoGomemlimit, autoGomemlimitRatio }: Pick<Options, "autoGomemlimit" | "autoGomemlimitRatio">,
  given: string,
  readFile: (path: string) => string,
): string[] {
  const limit = autoGomemlimit
    ? heapLimitFromCgroup({ readFile, ratio: autoGomemlimitRatio })
    : undefined;
  const wanted = {
    "--max-semi-space-size": semiSpaceMegabytes,
    ...(limit !== undefined && { "--max-old-space-size": limit }),
  };
  return Object.entries(wanted)
    .filter(([flag]) => !given.replaceAll("_", "-").includes(flag))
    .map(([flag, megabytes]) => `${flag}=${megabytes}`);
}

/**
 * What glibc is to be told when a coordinator starts. What its workers send comes in buffers of 64 KB, and what it keeps lies between those
 * that are freed: so the heap of malloc stays as large as it ever was. From this size on memory is mapped, and unmapped when it is
 * freed. At 20,000 pods that is 160 MB resident instead of 215, for 8 ms of CPU (of 50) in a scrape after 3,750 changes.
 */
const mapFromBytes = { MALLOC_MMAP_THRESHOLD_: String(64 << 10) };

/** Environment for a command's memory; settings of malloc given by hand are left as they are. */
export function heapEnvironment(
  command: string,
  given: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const byHand = Object.keys(given).some((name) => /^(MALLOC_|GLIBC_TUNABLES$)/.test(name));
  return command !== "coordinator" || byHand ? {} : mapFromBytes;
}

/**
 * Puts the same program, with the heap that a process of long life should have, in the place of this one: same process, same
 * files. Returns if it has it already, or where processes cannot be replaced (Windows).
 */
export function ensureHeap(command: string, options: Options): void {
  const given = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ");
  const flags = heapFlags(options, given, (path) => readFileSync(path, "utf8"));
  const more = heapEnvironment(command, process.env);
  if (flags.length === 0 && Object.keys(more).length === 0) return;
  if (process.execve === undefined || process.platform === "win32") return;
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...flags, ...process.argv.slice(1)],
    { ...(process.env as NodeJS.ProcessEnv & Record<string, string>), ...more },
  );
}
