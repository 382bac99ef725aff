/**
 * What a coordinator of 8 shards costs: `node test/bench/coordinator/run.ts [pods]`, 20,000 unless told otherwise. CPU of a gzip scrape
 * against that of a server that writes the same bytes, in the same process; memory a pod; bytes fetched from quiet and from busy shards.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "undici";
import { startShards } from "./shard-servers.ts";

const [pods = 20_000] = process.argv.slice(2).map(Number);
const shardCount = 8;
const scrapes = 20;
const changesAScrape = 3_750;

interface State {
  readonly cpuMs: number;
  readonly rss: number;
  readonly held: number;
  readonly received: number;
}

const shards = await startShards(shardCount, pods);
const child = fork(new URL("coordinator-process.ts", import.meta.url), [...shards.urls], {
  execArgv: ["--expose-gc"],
});
const [urls] = (await once(child, "message")) as [{ scrape: string; plain: string }];
const agent = new Agent();
const empty = await stateOf(child, "memory");
const text = await bodyOf(urls.scrape);
const first = await stateOf(child, "memory");
const quiet = await measure(() => bodyOf(urls.scrape));
await request(urls.plain, { method: "PUT", body: text, dispatcher: agent });
const writing = await measure(() => bodyOf(urls.plain));
await request(urls.plain, { method: "PUT", body: "", dispatcher: agent });
const busy = await measure(() => {
  shards.change(changesAScrape);
  return bodyOf(urls.scrape);
});
const after = await stateOf(child, "memory");
child.send("stop");
await agent.close();

const row = (name: string, value: string) => ({ figure: name, value });
console.table([
  row("gzip answer", `${(text.length / 1e6).toFixed(1)} MB`),
  row("writing these bytes: CPU", ms(writing.cpuMs)),
  row("scrape of quiet shards: CPU", ms(quiet.cpuMs)),
  row("ratio", (quiet.cpuMs / writing.cpuMs).toFixed(2)),
  row("fetched from 8 quiet shards", `${Math.round(quiet.received)} B a scrape`),
  row(`scrape after ${changesAScrape} changes: CPU`, ms(busy.cpuMs)),
  row("fetched then", `${(busy.received / 1e6).toFixed(2)} MB a scrape`),
  row("first fetch", `${(first.received / 1e6).toFixed(1)} MB`),
  row("memory held a pod", `${Math.round((first.held - empty.held) / pods)} B`),
  row("resident a pod, after all", `${Math.round((after.rss - empty.rss) / pods)} B`),
  row("resident, after all", `${Math.round(after.rss / 1e6)} MB`),
]);
process.exit(0);

async function measure(
  action: () => Promise<unknown>,
): Promise<{ cpuMs: number; received: number }> {
  for (let warm = 0; warm < 3; warm++) await action();
  const before = await stateOf(child, "cpu");
  for (let round = 0; round < scrapes; round++) await action();
  const { cpuMs, received } = await stateOf(child, "cpu");
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
