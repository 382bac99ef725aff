const units = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** Milliseconds of Prometheus's `1h30m`; undefined for anything else. Biggest unit first, each at most once; `0` needs none. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const parts =
    /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (parts === null || text === "") return undefined;
  return Object.values(units).reduce(
    (sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0),
    0,
  );
}

/** The other way; years and weeks only where nothing is left over. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  let rest = ms;
  let text = "";
  for (const [unit, size] of Object.entries(units)) {
    const exactOnly = unit === "y" || unit === "w";
    if (exactOnly && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
