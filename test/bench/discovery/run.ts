/**
 * Discovery against keeping whole objects in a Map and making the whole list anew, each in a process of its own beside one API server
 * with made-up pods: `node --expose-gc run.ts [pods] [changes]`; 20,000 pods and 50 changes unless told otherwise.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  populate,
  startFakeKubernetes,
  type FakeKubernetes,
} from "@kube-state-mosaic/fake-kubernetes";
import { mosaicSide } from "./mosaic-side.ts";
import { plainSide } from "./plain-side.ts";
import type { Side } from "./side.ts";

/** Names to numbers. */
type Figures = Readonly<Record<string, number>>;

const [pods = "20000", changes = "50"] = process.argv.slice(2);
const sides: Readonly<Record<string, (url: string) => Promise<Side>>> = {
  "mosaic, 1 role": (url) => mosaicSide(url, ["pod"]),
  "mosaic, 6 roles": (url) =>
    mosaicSide(url, ["node", "service", "pod", "endpoints", "endpointslice", "ingress"]),
  "whole objects in a Map": (url) => plainSide(url),
};
const { BENCH_SIDE, BENCH_URL = "" } = process.env;

if (BENCH_SIDE === undefined) await compare();
else await measure(BENCH_SIDE);

async function compare(): Promise<void> {
  await using fake = await startFakeKubernetes({ bookmarkIntervalSeconds: 600 });
  populate(fake, { pods: Number(pods) });
  fake.warm("pods");
  const table: Record<string, Record<string, string>> = {};
  for (const name of Object.keys(sides))
    for (const [figure, value] of Object.entries(await figuresOf(name, fake)))
      (table[figure] ??= {})[name] = value.toLocaleString("en", { maximumFractionDigits: 2 });
  console.log(`${Number(pods).toLocaleString("en")} pods, ${changes} changes of one pod each`);
  console.table(table);
}

/** Starts a side, changes one pod after the other while it runs, and answers what it says of itself. */
async function figuresOf(name: string, fake: FakeKubernetes): Promise<Figures> {
  const child = spawn(
    process.execPath,
    ["--expose-gc", fileURLToPath(import.meta.url), pods, changes],
    {
      env: { ...process.env, BENCH_SIDE: name, BENCH_URL: fake.url },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const targets = fake.names("pods").slice(0, Number(changes));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== "change") return JSON.parse(line) as Figures;
    const target = targets.pop();
    if (target !== undefined)
      fake.patch("pods", target, { metadata: { labels: { changed: name.replace(/\W+/g, "-") } } });
  }
  throw new Error(`${name} ended without figures`);
}

async function measure(name: string): Promise<void> {
  const make = sides[name];
  if (make === undefined) throw new RangeError(`there is no side ${name}`);
  const before = process.cpuUsage();
  const side = await make(BENCH_URL);
  const loaded = process.cpuUsage(before);
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const first = cpu(() => side.publish());
  const beforeChanges = process.cpuUsage();
  const groupsBefore = side.groups;
  for (let change = 0; change < Number(changes); change += 1) {
    const seen = side.nextChange();
    console.log("change");
    await seen;
  }
  const changed = process.cpuUsage(beforeChanges);
  const again = cpu(() => side.publish());
  const each = (changed.user + changed.system) / 1_000 / Number(changes);
  const figures: Figures = {
    "CPU to load, s": (loaded.user + loaded.system) / 1_000_000,
    "heap after loading, MB": heapUsed / 1e6,
    "resident after loading, MB": rss / 1e6,
    "groups made for each change": (side.groups - groupsBefore) / Number(changes),
    "CPU of a change, ms": each,
    "CPU of the first list for http_sd, ms": first,
    "CPU of the list after the changes, ms": again,
    "list, MB": side.publish().length / 1e6,
  };
  console.log(JSON.stringify(figures));
  process.exit(0);
}

function cpu(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error("run it with --expose-gc");
  for (let i = 0; i < 3; i += 1) globalThis.gc();
}
