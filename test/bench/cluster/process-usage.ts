import { readFileSync, readdirSync } from "node:fs";

/** What a process group has used and holds. */
export interface Usage {
  /** User and system time of its living processes and of their ended children. */
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
      const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      total.cpuSeconds += ticks / ticksPerSecond;
      total.residentBytes += kilobytes(status, "VmRSS") * 1024;
      total.peakBytes += kilobytes(status, "VmHWM") * 1024;
    } catch {
      // It ended while it was looked at.
    }
  }
  return total;
}

function kilobytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? 0);
}
