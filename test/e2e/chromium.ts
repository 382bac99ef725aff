import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram, run } from "@kube-state-mosaic/control-plane";
import { ExporterError } from "@kube-state-mosaic/errors";

export interface PageOptions {
  /** CSS pixels; default 1280 × 800. */
  readonly width?: number;
  readonly height?: number;
  /** How far the page's own clock may run ahead before it is looked at, in milliseconds: time for its scripts and requests; default 2000. */
  readonly settleMs?: number;
}

/** The page's document as HTML, after its scripts have run. */
export function dumpDom(url: string, options: PageOptions = {}): Promise<string> {
  return inProfile((profile) => chromium(profile, ["--dump-dom", url], options));
}

/** The page as a PNG. */
export function screenshot(url: string, options: PageOptions = {}): Promise<Buffer> {
  return inProfile(async (profile) => {
    const file = join(profile, "screenshot.png");
    await chromium(profile, [`--screenshot=${file}`, "--hide-scrollbars", url], options);
    return readFile(file);
  });
}

function chromium(profile: string, args: readonly string[], options: PageOptions): Promise<string> {
  const { width = 1280, height = 800, settleMs = 2_000 } = options;
  const command = findProgram(
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
  );
  if (command === undefined) throw new ExporterError("COMMAND_FAILED", "no Chromium on PATH");
  return run(
    command,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      `--window-size=${width},${height}`,
      `--virtual-time-budget=${settleMs}`,
      ...args,
    ],
    { timeoutMs: 60_000, env: { ...process.env, HOME: profile } },
  );
}

async function inProfile<T>(action: (profile: string) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  try {
    return await action(profile);
  } finally {
    // Its helpers may still be writing for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
