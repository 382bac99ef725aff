/**
 * What a coordinator of 8 shards costs: `node test/bench/coordinator/run.ts [pods]`, 20,000 unless told otherwise. CPU of a gzip scrape
 * against that of a server that writes the same bytes from one buffer, in turns, once both are compiled; memory a pod: what the process has
 * more than one that has done the same with shards without pods, both with the flags and the environment that the launcher gives
 * them; bytes fetched from quiet and from busy shards.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "undici";
import { heapEnvironment, heapFlags } from "../../../packages/cli/src/heap-flags.ts";
import { startShards, type ShardServers } from "./shard-servers.ts";

const [pods = 20_000] = process.argv.slice(2).map(Number);
const shardCount = 8;
const scrapes = 20;
const turns = 5;
/** Of a process that has run for a while. */
const warmScrapes = 60;
const changesAScrape = 3_750;

interface State {
  readonly cpuMs: number;
  readonly rss: number;
  /** Since the start. */
  readonly mostRss: number;
  readonly held: number;
  readonly received: number;
}

interface Server {
  readonly process: ChildProcess;
  readonly url: string;
}

interface Measured {
  readonly cpuMs: number;
  readonly received: number;
}

const agent = new Agent();
const writer = await start("plain-process.ts", []);
const full = await run(await startShards(shardCount, pods), writer);
const empty = await run(await startShards(shardCount, 0));
const { text, first, quiet, writing, busy, after } = full;

const row = (name: string, value: string) => ({ figure: name, value });
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
console.table([
  row("gzip answer", `${(text.length / 1e6).toFixed(1)} MB`),
  row("writing these bytes: CPU", ms(writing.cpuMs)),
  row("scrape of quiet shards: CPU", ms(quiet.cpuMs)),
  row("ratio of these medians", (quiet.cpuMs / writing.cpuMs).toFixed(2)),
  row("fetched from 8 quiet shards", `${Math.round(quiet.received)} B a scrape`),
  row(`scrape after ${changesAScrape} changes: CPU`, ms(busy.cpuMs)),
  row("fetched then", `${(busy.received / 1e6).toFixed(2)} MB a scrape`),
  row("first fetch", `${(first.received / 1e6).toFixed(1)} MB`),
  row("memory held a pod", `${Math.round((after.held - empty.after.held) / pods)} B`),
  row("resident a pod, after all", `${Math.round((after.rss - empty.after.rss) / pods)} B`),
  row("resident, after all", megabytes(after.rss)),
  row("resident, at most", megabytes(after.mostRss)),
  row("resident, without pods", megabytes(empty.after.rss)),
]);
process.exit(0);

/** The life of one coordinator. */
async function run(shards: ShardServers, against?: Server) {
  const coordinator = await start("coordinator-process.ts", shards.urls);
  const scrape = () => bodyOf(coordinator.url);
  const text = await scrape();
  const first = await stateOf(coordinator.process, "memory");
  for (let warm = 0; warm < warmScrapes; warm++) await scrape();
  const quiet: Measured[] = [];
  const writing: Measured[] = [];
  if (against !== undefined)
    await request(against.url, { method: "PUT", body: text, dispatcher: agent });
  for (let turn = 0; turn < turns; turn++) {
    quiet.push(await measure(coordinator, scrape));
    if (against !== undefined) writing.push(await measure(against, () => bodyOf(against.url)));
  }
  const busy = await measure(coordinator, () => {
    shards.change(changesAScrape);
    return scrape();
  });
  const after = await stateOf(coordinator.process, "memory");
  coordinator.process.kill();
  return { text, first, quiet: median(quiet), writing: median(writing), busy, after };
}

async function start(file: string, args: readonly string[]): Promise<Server> {
  const flags = heapFlags({ autoGomemlimit: false, autoGomemlimitRatio: 0.9 }, "", () => "");
  const child = fork(new URL(file, import.meta.url), [...args], {
    execArgv: ["--expose-gc", ...flags],
    env: { ...process.env, ...heapEnvironment("coordinator", process.env) },
  });
  process.once("exit", () => child.kill());
  const [url] = (await once(child, "message")) as [string];
  return { process: child, url };
}

function median(measured: readonly Measured[]): Measured {
  const sorted = measured.toSorted((a, b) => a.cpuMs - b.cpuMs);
  return sorted[sorted.length >> 1] ?? { cpuMs: Number.NaN, received: Number.NaN };
}

async function measure(server: Server, action: () => Promise<unknown>): Promise<Measured> {
  for (let warm = 0; warm < 3; warm++) await action();
  const before = await stateOf(server.process, "cpu");
  for (let round = 0; round < scrapes; round++) await action();
  const { cpuMs, received } = await stateOf(server.process, "cpu");
  return {
    cpuMs: (cpuMs - before.cpuMs) / scrapes,
    received: (received - before.received) / scrapes,
  };
}

async function bodyOf(url: string): Promise<Buffer> {
  const headers = { "accept-encoding": "gzip" };
  const { body, statusCode } = await request(url, { headers, dispatcher: agent });
  const bytes = Buffer.from(await body.bytes());
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode}: ${bytes.toString()}`);
  return bytes;
}

/** `memory` is told after garbage collections, which cost CPU; `cpu` is not. */
async function stateOf(process: ChildProcess, what: "cpu" | "memory"): Promise<State> {
  process.send(what);
  const [state] = (await once(process, "message")) as [State];
  return state;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
