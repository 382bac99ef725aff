/**
 * Runs the benchmarks and writes docs/performance.md: `npm run bench`, with `-- --large` also 150,000 pods. Takes 10 minutes, and
 * two cores that nobody else uses. Results are kept in node_modules/.cache/bench, so that one part can be run again: `-- --only=churn`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { format } from "oxfmt";
import { measureSide } from "../test/bench/store/compare.ts";
import { ClusterProcess } from "../test/bench/worker/cluster-process.ts";
import { performancePage, type Results } from "../test/bench/page.ts";
import {
  changesASecond,
  measureChurn,
  measureShards,
  measureSize,
} from "../test/bench/worker/scenarios.ts";

const { values } = parseArgs({
  options: {
    /** Also 150,000 pods, in a worker on one core. */
    large: { type: "boolean", default: false },
    only: { type: "string" },
  },
});

/** Of the last minute: what others had running. */
const [began = 0] = loadavg();
const sizes = [5_000, 20_000, 50_000, ...(values.large ? [150_000] : [])];
const middle = 20_000;
const shards = 8;

type Part = (results: Partial<Results>) => Promise<Partial<Results>>;

const parts: Record<string, Part> = {
  sizes: async () => {
    const measured = [];
    for (const pods of sizes) {
      await using cluster = await ClusterProcess.start(pods);
      measured.push(await measureSize(cluster));
    }
    return { sizes: measured };
  },
  churn: async () => {
    await using cluster = await ClusterProcess.start(middle);
    const rate = changesASecond;
    return {
      churn: {
        uniform: await measureChurn(cluster, { rate }),
        concentrated: await measureChurn(cluster, { rate, concentrateOn: middle / 20 }),
      },
    };
  },
  shards: async () => {
    await using cluster = await ClusterProcess.start(middle);
    return { shards: await measureShards(cluster, shards) };
  },
  store: async () => {
    const run = { pods: middle, scrapes: 4 };
    return { store: { ours: measureSide("mosaic-64", run), plain: measureSide("plain", run) } };
  },
};

const kept = new URL("../node_modules/.cache/bench/results.json", import.meta.url);
let results = read();
for (const [name, part] of Object.entries(parts)) {
  if (values.only !== undefined && values.only !== name) continue;
  console.error(`${name} …`);
  results = { ...results, ...(await part(results)) };
  mkdirSync(new URL(".", kept), { recursive: true });
  writeFileSync(kept, JSON.stringify(results));
}
const [cpu] = cpus();
const machine = `${cpus().length} cores (${cpu?.model ?? "unknown"}), Node ${process.versions.node}`;
const load = began.toFixed(1);
const command = `npm run bench${values.large ? " -- --large" : ""}`;
const { code } = await format(
  "performance.md",
  performancePage(results, { machine, command, load }),
);
writeFileSync(new URL("../docs/performance.md", import.meta.url), code);
execFileSync("git", ["diff", "--stat", "docs/performance.md"], { stdio: "inherit" });

function read(): Partial<Results> {
  try {
    const parsed: Partial<Results> = JSON.parse(readFileSync(kept, "utf8"));
    return parsed;
  } catch {
    return {};
  }
}
