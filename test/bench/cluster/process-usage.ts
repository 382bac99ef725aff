import { readFileSync, readdirSync } from "node:fs";

/** What a process group has used and holds. */
export interface Usage {
  /** Time on a processor of its living threads, exact to less than a millisecond, and of ended children. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Sum of the peaks of its processes. */
  readonly peakBytes: number;
}

// Linux counts in hundredths of a second for every architecture it shows /proc on.
const ticksPerSecond = 100;

/** Usage of all processes of a group: a launcher and the program it starts count together. Linux only. */
export function usage(group: number): Usage {
  const total = { cpuSeconds: 0, residentBytes: 0, peakBytes: 0 };
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The command's name stands in parentheses and may hold anything; fields are counted after it.
      const fields = stat
        .slice(stat.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      if (fields[2] !== group) continue;
      // Time of the process itself is told in hundredths too: idling for ten seconds would be two or three of them.
      const ticks = (fields[13] ?? 0) + (fields[14] ?? 0);
      const nanoseconds = threadTimes(entry).reduce((sum, value) => sum + value, 0);
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      total.cpuSeconds += ticks / ticksPerSecond + nanoseconds / 1e9;
      total.residentBytes += kilobytes(status, "VmRSS") * 1024;
      total.peakBytes += kilobytes(status, "VmHWM") * 1024;
    } catch {
      // It ended while it was looked at.
    }
  }
  return total;
}

/** Nanoseconds on a processor of each thread. */
function threadTimes(process: string): number[] {
  const tasks = `/proc/${process}/task`;
  return readdirSync(tasks).map((thread) =>
    Number(readFileSync(`${tasks}/${thread}/schedstat`, "utf8").split(" ")[0]),
  );
}

function kilobytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? 0);
}
