import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { parseArgs } from "node:util";
import { setTimeout as delay } from "node:timers/promises";
import { type ControlPlaneClient, startControlPlane } from "@kube-state-mosaic/control-plane";
import { Exporter } from "../../e2e/exporter.ts";
import { churn } from "./churn.ts";
import { loadPopulation } from "./load.ts";
import { type Usage, usage } from "./process-usage.ts";

const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "20000" },
    nodes: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    /** Of the churn, in seconds. */
    seconds: { type: "string", default: "20" },
    rate: { type: "string", default: "250" },
    /** Also one of so many shards. */
    shards: { type: "string", default: "4" },
    "sharded-watch": { type: "boolean", default: false },
  },
});

type Row = readonly [what: string, figure: string];

/** One program's figures, in the rows of the published table. */
async function measure(
  controlPlane: ControlPlaneClient,
  args: readonly string[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const started = performance.now();
  await using exporter = await Exporter.start([
    `--kubeconfig=${controlPlane.kubeconfigPath}`,
    "--enable-gzip-encoding",
    ...args,
  ]);
  const now = (): Usage => usage(exporter.daemon.pid);
  await exporter.ready(300_000);
  rows.push([
    "start to complete exposition",
    `${seconds((performance.now() - started) / 1_000)}, CPU ${seconds(now().cpuSeconds)}`,
  ]);
  const atReady = now();
  await delay(20_000);
  const later = now();
  rows.push([
    "resident memory, peak / when ready / 20 s later",
    `${megabytes(atReady.peakBytes)} / ${megabytes(atReady.residentBytes)} / ${megabytes(later.residentBytes)}`,
  ]);
  rows.push([
    "CPU while nothing changes or scrapes",
    `${(((later.cpuSeconds - atReady.cpuSeconds) / 20) * 100).toFixed(1)} %`,
  ]);
  for (const [name, headers] of scrapes) {
    // The second shows what a scrape costs while nothing has changed.
    for (const nth of ["first", "next"])
      rows.push([`scrape, ${name}, ${nth}`, await scrape(headers)]);
  }
  const before = now();
  const { rate, seconds: period } = values;
  const changes = await churn(controlPlane, { rate: Number(rate), seconds: Number(period) });
  // What was sent last is still on its way.
  await delay(1_000);
  const after = now();
  rows.push([
    `CPU per pod status change (${rate} a second, uniformly random pods)`,
    `${Math.round(((after.cpuSeconds - before.cpuSeconds) / changes) * 1e6)} µs`,
  ]);
  rows.push(["scrape, gzip, after the churn", await scrape({ "accept-encoding": "gzip" })]);
  rows.push([
    "resident memory after the churn / peak",
    `${megabytes(now().residentBytes)} / ${megabytes(now().peakBytes)}`,
  ]);
  return rows;

  async function scrape(headers: Record<string, string>): Promise<string> {
    const cpu = now().cpuSeconds;
    const from = performance.now();
    const bytes = await download(`${exporter.url}/metrics`, headers);
    const wall = (performance.now() - from) / 1_000;
    // Time is counted in hundredths of a second: shorter work shows as 0.
    return `${megabytes(bytes, 1)}, ${seconds(wall)}, CPU ${seconds(now().cpuSeconds - cpu)}`;
  }
}

const openMetrics = "application/openmetrics-text;version=1.0.0";
const scrapes: readonly (readonly [string, Record<string, string>])[] = [
  ["identity", {}],
  ["gzip", { "accept-encoding": "gzip" }],
  ["gzip, OpenMetrics", { "accept-encoding": "gzip", accept: openMetrics }],
];

/** Bytes of the body as sent. */
async function download(url: string, headers: Record<string, string>): Promise<number> {
  const sent = request(url, { headers, agent: false });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  return bytes;
}

function seconds(value: number): string {
  return `${value.toFixed(value < 1 ? 2 : 1)} s`;
}

function megabytes(bytes: number, digits = 0): string {
  return `${(bytes / 1e6).toFixed(digits)} MB`;
}

await using controlPlane = await startControlPlane({
  features: { shardedListAndWatch: values["sharded-watch"] },
});
const began = performance.now();
const size = { pods: Number(values.pods), nodes: Number(values.nodes), seed: Number(values.seed) };
const objects = await loadPopulation(controlPlane, size);
console.error(`${objects} objects loaded in ${seconds((performance.now() - began) / 1_000)}`);
const whole = await measure(controlPlane, []);
const shard = await measure(controlPlane, ["--shard=0", `--total-shards=${values.shards}`]);
console.log(`| what | one instance | one of ${values.shards} shards |\n|---|---|---|`);
for (const [i, [what, figure]] of whole.entries())
  console.log(`| ${what} | ${figure} | ${shard[i]?.[1]} |`);
